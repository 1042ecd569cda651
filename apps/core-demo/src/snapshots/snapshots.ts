import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ArtifactTransport,
  fetch,
  openRegistry,
  openSqliteStore,
  publish,
  type Registry,
  type VersionRecord,
} from '@bhiv/artifact-registry';
import type { CoreConfig } from '../config.ts';
import { RewardHistory } from '../selection/reward-history.ts';
import { SELECTOR } from './selector-name.ts';
import { readState, writeState } from './selector-state.ts';

/** The bucket_id of all snapshots in Bucket. */
const BUCKET_ID = 'core-snapshots';
const FILE = 'selector.json';
const ACTOR = 'core-demo';

/** How long a start or a stop waits for Bucket, and each call for a registry that others keep busy (ms). */
const TRANSFER_MS = 2_000;
const BUSY_MS = 1_000;

/** The part of a logger that is used here; pino fits it. */
export type SnapshotLog = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
};

/** The part of Core's configuration that is used here. */
export type SnapshotConfig = Pick<CoreConfig, 'bucketEnabled' | 'dataDir' | 'snapshots' | 'startFrom'>;

/** What a Core begins with and goes on in, and the version that it came from: null where it begins anew. */
export type Beginning = { history: RewardHistory; from: string | null };

/**
 * What the selection learnt, kept beyond the end of the process: a file in Bucket, and a row in a registry of Core's
 * own. Nothing here ever rejects: what cannot be published or fetched is logged and forgotten, and takes no more than
 * a few seconds of a start or of a stop.
 */
export class Snapshots {
  readonly #transport: ArtifactTransport;
  readonly #config: SnapshotConfig;
  readonly #log: SnapshotLog;
  #began: Beginning & { readonly tasks: number } = { history: new RewardHistory(), from: null, tasks: 0 };

  /** Opens nothing and calls nobody. `BucketClient` is a transport. */
  constructor(transport: ArtifactTransport, config: SnapshotConfig, log: SnapshotLog) {
    this.#transport = transport;
    this.#config = config;
    this.#log = log;
  }

  /** What Core begins with: the snapshot that its configuration names, or nothing. Call it once. */
  async begin(): Promise<Beginning> {
    const { bucketEnabled, startFrom: reference } = this.#config;
    if (!bucketEnabled || reference === null) return this.#began;
    try {
      const record = await this.#withRegistry((registry) => registry.resolve(reference));
      const history = await this.#fetch(record);
      this.#began = { history, from: record.version, tasks: history.total };
      this.#log.info(
        { snapshot: record.version, tasks: history.total },
        'Core starts with what it learnt before',
      );
    } catch (err) {
      this.#log.warn({ err, snapshot: reference }, 'Core starts anew: the snapshot could not be fetched');
    }
    return this.#began;
  }

  /** Publishes what was learnt since `begin`, if anything, as a version that was made from the one of the beginning. */
  async end(): Promise<void> {
    const { bucketEnabled, snapshots } = this.#config;
    const { history, from, tasks } = this.#began;
    if (!bucketEnabled || !snapshots || history.total === tasks) return;
    const version = `run-${randomUUID()}`;
    try {
      await this.#publish(history, version, from);
      this.#log.info({ snapshot: version, tasks: history.total }, 'Core published what it learnt');
    } catch (err) {
      this.#log.warn({ err, snapshot: version }, 'What Core learnt could not be published');
    }
  }

  async #fetch({ bucketId, artifactId, version, digest }: VersionRecord): Promise<RewardHistory> {
    const signal = AbortSignal.timeout(TRANSFER_MS);
    const ref = { bucketId, artifactId, version };
    // Asked first, once: a Bucket that is gone ends it here, without the pauses and attempts of a fetch.
    await this.#transport.headArtifact(ref, { signal });
    return inTemporaryFolder(async (folder) => {
      await fetch({ transport: this.#transport, ...ref, digest, signal }, folder);
      return readState(await readFile(join(folder, FILE), 'utf8'));
    });
  }

  async #publish(history: RewardHistory, version: string, from: string | null): Promise<void> {
    const signal = AbortSignal.timeout(TRANSFER_MS);
    const place = { logicalId: SELECTOR, bucketId: BUCKET_ID, version };
    await this.#transport.headArtifact({ ...place, artifactId: SELECTOR }, { signal }); // as above
    await inTemporaryFolder(async (folder) => {
      const source = join(folder, FILE);
      await writeFile(source, writeState(history));
      const actors = { uploadedBy: ACTOR, provenanceSource: version };
      const { artifactId, digest, size } = await publish({
        ...{ transport: this.#transport, source, signal },
        ...{ ...place, ...actors },
      });
      const row = { ...place, artifactId, digest, sizeBytes: size, kind: 'manifest' } as const;
      const parents = from === null ? [] : [{ logicalId: SELECTOR, version: from }];
      const metadata = { tasks: history.total };
      await this.#withRegistry((registry) => registry.registerVersion({ ...row, metadata, parents }));
    });
  }

  async #withRegistry<T>(use: (registry: Registry) => Promise<T>): Promise<T> {
    const path = join(this.#config.dataDir, 'registry.db');
    const store = await openSqliteStore({ path, busyTimeoutMs: BUSY_MS });
    const registry = openRegistry({ store, actor: ACTOR });
    try {
      return await use(registry);
    } finally {
      await registry.close();
    }
  }
}

async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'core-snapshot-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
