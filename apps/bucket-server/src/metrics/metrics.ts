import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** From a small artifact on a quick disk to 5 GiB over a slow line. */
const SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120, 600, 3600];

/** A commit on a quick disk, and the 2 s after which an event is withdrawn. */
const EVENT_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 2, 5];

/** How often one kind of operation ran and how it ended, how long it took, and how many run now. */
export type OperationMetrics = {
  readonly total: Counter<'outcome'>;
  readonly seconds: Histogram;
  readonly inFlight: Gauge;
};

/** The counters of one Bucket. The README has their table. */
export type Metrics = {
  readonly registry: Registry;
  /** By outcome: `stored`, `client_gone`, or the error code of the answer. */
  readonly uploads: OperationMetrics;
  /** By outcome: `whole`, `partial`, `head`, `metadata`, `not_modified`, `client_gone`, or an error code. */
  readonly downloads: OperationMetrics;
  /** By outcome: `listed`, `client_gone`, or an error code. */
  readonly listings: OperationMetrics;
  readonly bytesStored: Counter;
  readonly bytesServed: Counter;
  /** Bytes that were not those of their digest, by where that was found: `upload` or `read`. */
  readonly digestFailures: Counter<'found_by'>;
  /** What BUCKET_SCRUB found, once a pass: `damaged_blob`, `missing_blob`, `wrong_size`, `bad_ref`. */
  readonly scrubDamage: Counter<'kind'>;
  /** How long the storing of each event took, also where it failed. */
  readonly eventSeconds: Histogram;
  /** By the code of the answer. Events that are refused before they reach the store do not count. */
  readonly eventFailures: Counter<'outcome'>;
};

/** A set of counters of its own: two Buckets in one process do not share any. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const operation = (name: string, one: string): OperationMetrics => ({
    total: new Counter({
      name: `bucket_${name}s_total`,
      help: `How often ${one} ended, by outcome`,
      labelNames: ['outcome'],
      registers,
    }),
    seconds: new Histogram({
      name: `bucket_${name}_duration_seconds`,
      help: `How long ${one} took, whatever its outcome`,
      buckets: SECONDS,
      registers,
    }),
    inFlight: new Gauge({ name: `bucket_${name}s_in_flight`, help: `How many run now: ${one}`, registers }),
  });
  return {
    registry,
    uploads: operation('artifact_upload', 'an upload'),
    downloads: operation('artifact_download', 'a download'),
    listings: operation('artifact_listing', 'a listing of versions'),
    bytesStored: new Counter({
      name: 'bucket_artifact_stored_bytes_total',
      help: 'Bytes of artifacts that were stored',
      registers,
    }),
    bytesServed: new Counter({
      name: 'bucket_artifact_served_bytes_total',
      help: 'Bytes of artifacts that were sent',
      registers,
    }),
    digestFailures: new Counter({
      name: 'bucket_artifact_digest_failures_total',
      help: 'Bytes that were not those of their digest, by where that was found',
      labelNames: ['found_by'],
      registers,
    }),
    scrubDamage: new Counter({
      name: 'bucket_artifact_scrub_damage_total',
      help: 'What the scrub found damaged, once a pass',
      labelNames: ['kind'],
      registers,
    }),
    eventSeconds: new Histogram({
      name: 'bucket_event_append_duration_seconds',
      help: 'How long the storing of an event took, whatever its outcome',
      buckets: EVENT_SECONDS,
      registers,
    }),
    eventFailures: new Counter({
      name: 'bucket_events_failed_total',
      help: 'Events that the store did not take, by outcome',
      labelNames: ['outcome'],
      registers,
    }),
  };
}

/** Adds what Node knows of the process: memory, event loop, garbage collection. Once a process. */
export function addProcessMetrics({ registry }: Metrics): void {
  collectDefaultMetrics({ register: registry });
}
