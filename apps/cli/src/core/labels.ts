import type { Registry, VersionRef } from '@bhiv/artifact-registry';
import { type Command, Option } from 'commander';
import { CliError, wrongUse } from './cli-error.ts';
import { type KeyValues, keyValue, listed } from './key-values.ts';

/** What a version is registered with, as the options say it. */
export interface LabelOptions {
  readonly meta?: KeyValues;
  readonly tag?: readonly string[];
  readonly parent?: readonly string[];
  readonly alias?: string;
  readonly expect?: string;
  readonly expectNew?: true;
}

export function addLabelOptions(command: Command): Command {
  return command
    .option('--meta <key=value>', 'metadata of the version; may be given several times', keyValue)
    .option('--tag <tag>', 'a tag of the version; may be given several times', listed)
    .option('--parent <reference>', 'a version that it was made from; may be given several times', listed)
    .option('--alias <alias>', 'an alias that points at the version once it is registered')
    .option('--expect <version>', 'set the alias only where it points at this version now')
    .addOption(
      new Option('--expect-new', 'set the alias only where it is not there yet').conflicts('expect'),
    );
}

/** Where the bytes of a version are in Bucket, as the registry keeps it. */
export interface StoredBytes {
  readonly bucketId: string;
  readonly artifactId: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly kind: 'artifact' | 'manifest';
}

/** What of it is known before any byte is sent. */
export type StoredPlace = Pick<StoredBytes, 'bucketId' | 'artifactId' | 'kind'>;

/** A version that is to be registered and, where it is wished, to get an alias. */
export class NewRow {
  readonly #registry: Registry;
  readonly #ref: VersionRef;
  readonly #labels: LabelOptions;
  #parents: readonly VersionRef[] = [];

  constructor(registry: Registry, ref: VersionRef, labels: LabelOptions) {
    this.#registry = registry;
    this.#ref = ref;
    this.#labels = labels;
  }

  /**
   * Finds out before any byte is sent what would fail after all are: rejects with RegistryError, or with CliError
   * `alias_conflict`. From here on the parents are those that their references named now.
   */
  async check(by: string, place: StoredPlace): Promise<void> {
    const { meta: metadata, tag: tags, parent = [], alias, expect } = this.#labels;
    if (alias === undefined && this.#expected() !== undefined)
      throw wrongUse('--expect and --expect-new say from where an alias moves: name it with --alias.');
    const { memoryStore, openRegistry } = await import('@bhiv/artifact-registry');
    const rehearsal = openRegistry({ store: memoryStore(), actor: by });
    const bytes = { bucketId: 'b', artifactId: 'a', digest: `sha256:${'0'.repeat(64)}`, sizeBytes: 0 };
    await rehearsal.registerVersion({ ...this.#ref, ...bytes, metadata, tags });
    const { logicalId, version } = this.#ref;
    if (alias !== undefined) await rehearsal.setAlias(logicalId, alias, version);
    if (expect !== undefined) await rehearsal.getVersion(logicalId, expect);
    this.#parents = await Promise.all(parent.map((reference) => this.#registry.resolve(reference)));
    await this.#checkRow(by, place);
    if (alias !== undefined) await this.#checkAlias(alias);
  }

  /** Registers the version, and moves the alias. */
  async register(bytes: StoredBytes) {
    const { alias } = this.#labels;
    const { alreadyRegistered } = await this.#registry.registerVersion(this.#row(bytes));
    return { alreadyRegistered, alias: alias === undefined ? undefined : await this.#setAlias(alias) };
  }

  #row<Stored extends StoredPlace>(stored: Stored) {
    const { meta: metadata, tag: tags } = this.#labels;
    const parents = this.#parents.map(({ logicalId, version }) => ({ logicalId, version }));
    return { ...this.#ref, ...stored, metadata, tags, parents };
  }

  async #setAlias(alias: string) {
    const { logicalId, version } = this.#ref;
    const expected = this.#expected();
    const now = await this.#registry.getVersionByAlias(logicalId, alias);
    // what an earlier call has done already
    if (now?.version === version) return { alias, from: version, to: version, changed: false };
    return this.#registry.setAlias(logicalId, alias, version, { expected });
  }

  /** Rejects with `version_exists` where the version is registered already, and not with this place and these labels. */
  async #checkRow(by: string, place: StoredPlace): Promise<void> {
    const known = await this.#registry.getVersion(this.#ref.logicalId, this.#ref.version);
    if (known === null) return;
    const { memoryStore, openRegistry } = await import('@bhiv/artifact-registry');
    const rehearsal = openRegistry({ store: memoryStore(), actor: by });
    const { bucketId, artifactId, digest, sizeBytes, kind, metadata } = known;
    const bytes = { bucketId, artifactId, digest, sizeBytes, kind };
    // a version that names itself as a parent is refused below
    const isOther = (parent: VersionRef) =>
      parent.logicalId !== known.logicalId || parent.version !== known.version;
    for (const { logicalId, version } of [...known.parents, ...this.#parents.filter(isOther)])
      await rehearsal.registerVersion({ logicalId, version, ...bytes });
    await rehearsal.registerVersion({ ...this.#ref, ...bytes, metadata, parents: known.parents });
    await rehearsal.registerVersion({ ...this.#row(place), digest, sizeBytes });
  }

  async #checkAlias(alias: string): Promise<void> {
    const expected = this.#expected();
    if (expected === undefined) return;
    const { logicalId, version } = this.#ref;
    const found = (await this.#registry.getVersionByAlias(logicalId, alias))?.version ?? null;
    if (found === expected || found === version) return;
    const is = found === null ? 'is not there' : `points at "${found}"`;
    const should = expected === null ? 'not to be there' : `to point at "${expected}"`;
    const message = `The alias "${logicalId}:${alias}" ${is} and was expected ${should}. Nothing was sent.`;
    throw new CliError('alias_conflict', message, {
      expected: expected ?? undefined,
      found: found ?? undefined,
    });
  }

  #expected(): string | null | undefined {
    return this.#labels.expectNew ? null : this.#labels.expect;
  }
}
