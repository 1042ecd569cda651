import { isHealingVersion } from '../heal/heal-packs.ts';
import type { Registry } from '../registry/registry.ts';
import type { NewVersion, VersionRecord } from '../registry/versions.ts';
import type { ArtifactKind } from '../stores/registry-store.ts';
import { withAttempts } from '../thread/attempts.ts';
import { codeOf } from '../transfer-error.ts';
import type { ArtifactAddress, ArtifactTransport, StoredArtifact } from '../transport.ts';
import { differing, type Finding, missing, type UnregisteredArtifact, unregistered } from './findings.ts';
import { type ArtifactName, rowsOf } from './known-artifacts.ts';

interface Sides {
  readonly registry: Registry;
  readonly transport: ArtifactTransport;
  readonly signal: AbortSignal | undefined;
}

/** What every manifest of `publish` begins with. */
const MANIFEST_START = Buffer.from('{"manifest_version":');

/** One artifact: its versions in Bucket beside its rows. */
export class ArtifactCheck {
  readonly #sides: Sides;
  readonly #artifact: ArtifactName;
  /** What Bucket has, by version; what a row names is taken out. */
  readonly #stored = new Map<string, StoredArtifact>();
  readonly #named = new Set<string>();
  readonly #logicalIds = new Set<string>();
  rowsSeen = 0;

  constructor(sides: Sides, artifact: ArtifactName) {
    this.#sides = sides;
    this.#artifact = artifact;
  }

  /** Asks Bucket for the versions. Before the rows are read: what is published meanwhile is in the rows alone. */
  async list(): Promise<void> {
    const { bucketId, artifactId } = this.#artifact;
    const versions = await this.#call((transport, options) =>
      transport.listVersions(bucketId, artifactId, options),
    );
    for (const { version, ...stored } of versions) {
      if (!isHealingVersion(version)) this.#stored.set(version, stored);
    }
  }

  /** Compares every row with what Bucket has. */
  async *rows(): AsyncGenerator<Finding> {
    for await (const row of rowsOf(this.#sides.registry, this.#artifact)) {
      this.#sides.signal?.throwIfAborted();
      this.rowsSeen += 1;
      this.#named.add(row.version);
      this.#logicalIds.add(row.logicalId);
      const finding = await this.#compare(row);
      if (finding !== undefined) yield finding;
    }
  }

  /** What Bucket has and no row names, the oldest first. Call `rows` before. */
  async *unregistered(register: boolean): AsyncGenerator<Finding> {
    const found = [...this.#stored].filter(([version]) => !this.#named.has(version));
    found.sort(
      ([one, { created_at: before = '' }], [other, { created_at: after = '' }]) =>
        compare(before, after) || compare(one, other),
    );
    for (const [version, stored] of found) {
      const artifact = { ...this.#artifact, version, ...stored };
      const finding = await this.#offer(artifact, register);
      if (finding !== undefined) yield finding;
    }
  }

  async #compare(row: VersionRecord): Promise<Finding | undefined> {
    // What is not in the list may have come since.
    const stored = this.#stored.get(row.version) ?? (await this.#head(row));
    return stored === null ? missing(row) : differing(row, stored);
  }

  async #offer(
    artifact: ArtifactAddress & StoredArtifact,
    register: boolean,
  ): Promise<UnregisteredArtifact | undefined> {
    const { registry, signal } = this.#sides;
    signal?.throwIfAborted();
    const { bucketId, artifactId, version } = artifact;
    const rows = await registry.search({ bucketId, artifactId, version, limit: 1 });
    if (rows.versions.length > 0) return undefined; // its row was written meanwhile
    const obstacle = await this.#obstacle(version);
    if (obstacle !== undefined) return unregistered(artifact, { obstacle }, false);
    const kind = await this.#kindOf(artifact);
    if (kind === undefined) {
      return unregistered(
        artifact,
        { obstacle: 'Bucket cannot give its bytes, so it is not offered' },
        false,
      );
    }
    const registration: NewVersion = {
      ...{ logicalId: this.#logicalId, version, bucketId, artifactId, kind },
      ...{ digest: artifact.digest, sizeBytes: artifact.size_bytes, createdAt: artifact.created_at },
    };
    if (register) await registry.registerVersion(registration);
    return unregistered(artifact, { registration }, register);
  }

  /** Of the rows; of an artifact without any, its name, which is what `publish` gives it. */
  get #logicalId(): string {
    const [first = this.#artifact.artifactId] = this.#logicalIds;
    return first;
  }

  /** Why a version cannot be offered, in words. */
  async #obstacle(version: string): Promise<string | undefined> {
    if (this.#logicalIds.size > 1) {
      const names = [...this.#logicalIds].slice(0, 3).join(', ');
      return `its artifact belongs to several logical ids (${names}), so it is for you to say to which this version does`;
    }
    const taken = await this.#sides.registry.getVersion(this.#logicalId, version);
    if (taken === null) return undefined;
    return `its name ${this.#logicalId}@${version} is registered for ${taken.bucketId}/${taken.artifactId}`;
  }

  /** Undefined where the bytes cannot be read. */
  async #kindOf(artifact: ArtifactAddress & StoredArtifact): Promise<ArtifactKind | undefined> {
    const { digest, size_bytes: size } = artifact;
    const length = MANIFEST_START.byteLength;
    if (size < length) return 'artifact';
    try {
      const start = await this.#call((transport, options) =>
        transport.readArtifact(artifact, {
          ...options,
          range: { start: 0, end: length },
          digest,
          maxBytes: length,
        }),
      );
      return MANIFEST_START.equals(start) ? 'manifest' : 'artifact';
    } catch (error) {
      if (codeOf(error) === 'artifact_corrupt' || codeOf(error) === 'artifact_not_found') return undefined;
      throw error;
    }
  }

  #head({ bucketId, artifactId, version }: VersionRecord): Promise<StoredArtifact | null> {
    return this.#call((transport, options) =>
      transport.headArtifact({ bucketId, artifactId, version }, options),
    );
  }

  #call<T>(
    call: (transport: ArtifactTransport, options: { readonly signal: AbortSignal | undefined }) => Promise<T>,
  ): Promise<T> {
    const { transport, signal } = this.#sides;
    return withAttempts(() => call(transport, { signal }), signal);
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
