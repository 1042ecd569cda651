import { ArtifactLedger, type Entry, type Sent } from './artifact-ledger.ts';
import { bytesFrom, digestOf } from './bytes.ts';
import type { ArtifactName } from './names.ts';
import { upload } from './upload.ts';

/** One upload, said so that it can be made again: the bytes come from the seed. */
interface Plan extends Sent {
  readonly name: ArtifactName;
  readonly seed: string;
}

/** Body sizes, and how often each comes. */
const SIZES: readonly (readonly [size: number, share: number])[] = [
  [0, 8],
  [1, 10],
  [4 * 1_024, 27],
  [64 * 1_024, 25],
  [2 ** 20, 20],
  [8 * 2 ** 20, 10],
];
/** Of a round of small bodies: most of its uploads are in their commit at any time. */
const SMALL_SIZES = SIZES.slice(0, 3);
const LARGEST_PIECE = 96 * 1_024;
/** So many plans are remembered, to be made again. */
const REMEMBERED = 64;

/**
 * Clients that upload until Bucket is gone: new versions of old and new artifacts, what got no answer once more, what
 * is stored already (the same bytes, and other ones), known bytes under a new version; chunked and with a length.
 */
export class KillClients {
  readonly ledger = new ArtifactLedger();
  /** Bytes that were handed to sockets so far. */
  sentBytes = 0;
  /** What the clients have sent since `newRound`. */
  touched = new Set<Entry>();
  readonly #random: () => number;
  readonly #unanswered: Plan[] = [];
  readonly #stored: Plan[] = [];
  #sizes = SIZES;
  #round = 0;
  #count = 0;
  /** Called whenever bytes were handed to a socket (`sent`), the last of an upload included (`ended`). */
  onProgress: (progress: 'sent' | 'ended') => void = () => {};

  constructor(random: () => number) {
    this.#random = random;
  }

  newRound(isSmall: boolean): void {
    this.#round += 1;
    this.#sizes = isSmall ? SMALL_SIZES : SIZES;
    this.touched = new Set();
  }

  /** Uploads one thing after another until a connection breaks. */
  async run(url: string, client: number): Promise<void> {
    for (;;) {
      const plan = this.#plan(client);
      const sent = { digest: plan.digest, size: plan.size };
      const entry = this.ledger.sending(plan.name, sent);
      this.touched.add(entry);
      const isChunked = this.#random() < 0.5;
      const answer = await upload(url, {
        name: plan.name,
        body: this.#pieces(bytesFrom(plan.seed, plan.size)),
        digest: plan.digest,
        size: isChunked ? undefined : plan.size,
      });
      this.ledger.answered(entry, sent, answer);
      remember(answer.status === undefined ? this.#unanswered : this.#stored, plan, this.#random);
      if (answer.status === undefined) return;
    }
  }

  #plan(client: number): Plan {
    const kind = this.#random();
    const retry = kind < 0.15 ? this.#unanswered.pop() : undefined;
    if (retry !== undefined) return retry;
    const known = kind < 0.3 ? pick(this.#stored, this.#random) : undefined;
    if (known === undefined) return this.#newPlan(this.#newName(client));
    if (kind < 0.2) return this.#newPlan(known.name); // other bytes for a version that is there
    if (kind < 0.25) return known;
    return { ...known, name: this.#newName(client) };
  }

  #newName(client: number): ArtifactName {
    this.#count += 1;
    const isOld = this.#random() < 0.5;
    return {
      bucketId: 'killed',
      artifactId: isOld ? `client-${client}` : `client-${client}-${this.#round}`,
      version: `v${this.#count}`,
    };
  }

  #newPlan(name: ArtifactName): Plan {
    this.#count += 1;
    const seed = `${this.#round}-${this.#count}`;
    const size = this.#size();
    return { name, seed, size, digest: digestOf(bytesFrom(seed, size)) };
  }

  #size(): number {
    const all = this.#sizes.reduce((sum, [, share]) => sum + share, 0);
    let left = this.#random() * all;
    for (const [size, share] of this.#sizes) {
      left -= share;
      if (left < 0) return size;
    }
    return 0;
  }

  *#pieces(bytes: Buffer): Generator<Buffer> {
    for (let sent = 0; sent < bytes.length; ) {
      const piece = bytes.subarray(sent, sent + 1 + Math.floor(this.#random() * LARGEST_PIECE));
      sent += piece.length;
      yield piece;
      this.sentBytes += piece.length;
      this.onProgress('sent');
    }
    this.onProgress('ended');
  }
}

function pick<T>(values: readonly T[], random: () => number): T | undefined {
  return values[Math.floor(random() * values.length)];
}

function remember(plans: Plan[], plan: Plan, random: () => number): void {
  if (plans.length < REMEMBERED) plans.push(plan);
  else plans[Math.floor(random() * REMEMBERED)] = plan;
}
