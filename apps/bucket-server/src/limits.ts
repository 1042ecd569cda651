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
};
