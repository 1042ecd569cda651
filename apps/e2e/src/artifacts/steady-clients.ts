import { ArtifactLedger } from './artifact-ledger.ts';
import { bytesFrom, digestOf } from './bytes.ts';
import { download } from './download.ts';
import { upload } from './upload.ts';

/** Empty-handed, in memory, through a temporary file; with a length and chunked. */
const SIZES = [300_000, 1, 70_000, 4_096];

export interface Refusal {
  readonly status: number;
  readonly code: string | undefined;
}

/** Clients that upload one new version after another, whatever they are answered, and keep what was said of each. */
export class SteadyClients {
  readonly ledger = new ArtifactLedger();
  readonly refusals: Refusal[] = [];

  /** Goes on with `count` clients until `isOver`; a client whose connection broke goes on too. */
  async run(url: string, count: number, isOver: () => boolean): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, client) => this.#runOne(url, client, isOver)));
  }

  async #runOne(url: string, client: number, isOver: () => boolean): Promise<void> {
    for (let turn = 0; !isOver(); turn += 1) {
      const name = { bucketId: 'steady', artifactId: `client-${client}`, version: String(turn) };
      const size = SIZES[turn % SIZES.length] ?? 1;
      const body = bytesFrom(`${client}-${turn}`, size);
      const sent = { digest: digestOf(body), size };
      const entry = this.ledger.sending(name, sent);
      const answer = await upload(url, { name, body, size: turn % 2 === 0 ? undefined : size });
      if (answer.status === undefined || answer.status === 201) this.ledger.answered(entry, sent, answer);
      else {
        this.refusals.push({ status: answer.status, code: answer.body?.error?.code });
        entry.sent.clear(); // refused: nothing may be stored under this name
      }
    }
  }

  /** Each status and error code of a refusal once. */
  get refusedAs(): string[] {
    return [...new Set(this.refusals.map(({ status, code }) => `${status} ${code}`))];
  }

  /** Reads every version that was sent. Returns what is not as it was said, in words. */
  async check(url: string): Promise<string[]> {
    for (const entry of this.ledger.entries.values())
      this.ledger.read(entry, await download(url, entry.name));
    return this.ledger.broken;
  }
}
