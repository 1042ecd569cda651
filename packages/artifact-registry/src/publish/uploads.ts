import type { Pack } from '../manifest/tree.ts';
import type { Host } from '../thread/host.ts';
import { TransferError } from '../transfer-error.ts';
import type { NewPack } from './pack-builder.ts';

/** So many packs may wait for their turn: the scan goes on meanwhile, but not too far ahead of what is sent. */
const MAX_WAITING = 4;

/**
 * The uploads of packs, some at a time. Where an upload was cut off before, Bucket has the packs up to some place, but
 * for those that were on their way. So it is asked for each pack, by HEAD, until more in a row are missing than can have
 * been on their way: from there on they are sent unasked.
 */
export class Uploads {
  readonly #host: Host<never>;
  readonly #concurrency: number;
  readonly #waiting: NewPack[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #seen = new Set<string>();
  readonly #asking = new Set<Promise<void>>();
  readonly #sent = new Set<string>();
  #missing = 0;
  #failure: { readonly error: unknown } | undefined;
  /** Bytes that have been sent, and that Bucket was found to have from an upload that was cut off. */
  readonly bytes = { sent: 0, found: 0 };

  constructor(host: Host<never>, concurrency: number) {
    this.#host = host;
    this.#concurrency = concurrency;
  }

  /** Whether Bucket has got the bytes of a pack from here, and so has verified them just now. */
  hasSent({ digest }: Pack): boolean {
    return this.#sent.has(digest);
  }

  /** Settles when there is room for another one. Rejects with what any upload failed with. */
  async add(pack: NewPack): Promise<void> {
    if (this.#seen.has(pack.digest)) return;
    this.#seen.add(pack.digest);
    this.#waiting.push(pack);
    this.#start();
    while (this.#waiting.length >= MAX_WAITING && this.#failure === undefined)
      await Promise.race(this.#running);
    this.#throwFailure();
  }

  /** Settles when all are done. Rejects with what the first failed with. */
  async finish(): Promise<void> {
    while (this.#running.size > 0) await Promise.race(this.#running);
    this.#throwFailure();
  }

  /** Starts no more, and settles when those that run have ended, whatever became of them. */
  async stop(): Promise<void> {
    this.#waiting.length = 0;
    while (this.#running.size > 0) await Promise.race(this.#running);
  }

  #start(): void {
    while (this.#running.size < this.#concurrency && this.#failure === undefined) {
      const pack = this.#waiting.shift();
      if (pack === undefined) return;
      const running = this.#upload(pack)
        .catch((error: unknown) => {
          this.#failure ??= { error };
        })
        .finally(() => {
          this.#running.delete(running);
          this.#start();
        });
      this.#running.add(running);
    }
  }

  async #upload({ artifactId, version, digest, size, parts }: NewPack): Promise<void> {
    if (await this.#isFound({ artifactId, version, digest, size })) return;
    const { alreadyStored } = await this.#host.upload({ artifactId, version, digest, size, source: parts });
    this.bytes[alreadyStored ? 'found' : 'sent'] += size;
    if (!alreadyStored) this.#sent.add(digest);
  }

  /** Whether Bucket has it, as far as it is worth a question. */
  async #isFound(pack: Omit<NewPack, 'parts'>): Promise<boolean> {
    const mayMatter = () => this.#missing <= this.#concurrency;
    // What is being asked may make this question needless.
    while (mayMatter() && this.#missing + this.#asking.size > this.#concurrency)
      await Promise.race(this.#asking);
    if (!mayMatter()) return false;
    const answer = this.#isThere(pack);
    const asked = answer.then(
      () => undefined,
      () => undefined, // told to whoever asked
    );
    this.#asking.add(asked);
    return answer.finally(() => this.#asking.delete(asked));
  }

  async #isThere({ artifactId, version, digest, size }: Omit<NewPack, 'parts'>): Promise<boolean> {
    const stored = await this.#host.head({ artifactId, version });
    if (stored === null) {
      this.#missing += 1;
      return false;
    }
    this.#missing = 0;
    this.bytes.found += size;
    if (stored.digest === digest && stored.size_bytes === size) return true;
    const message = `Bucket has other bytes under the name of a pack, ${artifactId} ${version}: ${stored.size_bytes} bytes with the digest ${stored.digest}. Somebody took its name; publish under another logical id.`;
    throw new TransferError('pack_conflict', message, { expected: digest, found: stored.digest });
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
