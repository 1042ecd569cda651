/** Bounds that keep one client, or many, from taking the memory or the sockets of Bucket. Times in ms. */
export type Limits = {
  /** Bytes of event bodies in memory at one time: being read, or waiting for the disk. Beyond it: 503 overloaded. */
  readonly bytesInFlight: number;
  /** How long the headers of a request may take to arrive; then 408. Looked at once a second. */
  readonly headersDeadlineMs: number;
  /** How long a body may take to arrive; then 408. */
  readonly bodyDeadlineMs: number;
  /** After an answer that came before the end of the body: how long, and how much, is read on and thrown away. */
  readonly discardMs: number;
  readonly discardBytes: number;
  /** How many listings of one kind (events, agents) are sent at one time; how long one more waits, then 503 overloaded. */
  readonly listings: number;
  readonly listingWaitMs: number;
  /** How long a client may take nothing of an answer before its connection is broken. */
  readonly stalledReaderMs: number;
  /** How long an upload may bring nothing; then 408. Only time that Bucket waits for the client counts, here and below. */
  readonly uploadStalledMs: number;
  /** The bytes a second that an upload must bring, averaged over each `uploadRateWindowMs`; else 408. */
  readonly uploadLeastRate: number;
  readonly uploadRateWindowMs: number;
  /** Bytes of disk that an upload leaves free; else 507. The event store and the refs need some. */
  readonly diskReserveBytes: number;
  /** How long a client may take nothing of a download before its connection is broken. */
  readonly downloadStalledMs: number;
};

export const DEFAULT_LIMITS: Limits = {
  bytesInFlight: 64 * 1024 * 1024,
  headersDeadlineMs: 10_000,
  bodyDeadlineMs: 10_000,
  discardMs: 2000,
  discardBytes: 64 * 1024 * 1024,
  listings: 8,
  listingWaitMs: 1000,
  stalledReaderMs: 10_000,
  uploadStalledMs: 30_000,
  uploadLeastRate: 1024,
  uploadRateWindowMs: 60_000,
  diskReserveBytes: 1024 * 1024,
  downloadStalledMs: 120_000,
};
