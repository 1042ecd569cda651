import type { RawAnswer } from '../processes/raw-client.ts';
import type { StoredEvents } from './stored-events.ts';

/** What was said about each event that was sent: what a Bucket may be held to. */
export class Ledger {
  /** 200 with `success: true`: stored for good. */
  readonly acknowledged = new Set<string>();
  /** An error answer: not stored. */
  readonly refused = new Map<string, number>();
  /** No answer came: nobody can say. */
  readonly unanswered = new Set<string>();

  note(id: string, { status, text }: RawAnswer): void {
    if (status === undefined) this.unanswered.add(id);
    else if (status === 200 && JSON.parse(text).success === true) this.acknowledged.add(id);
    else this.refused.set(id, status);
  }

  /** Statuses of the refusals, each once. */
  get refusals(): number[] {
    return [...new Set(this.refused.values())];
  }

  /** Everything that `stored` has, and should not, or has not, and should; empty where Bucket kept its word. */
  compare(stored: StoredEvents): string[] {
    const broken: string[] = [];
    for (const id of this.acknowledged)
      if (!stored.counts.has(id)) broken.push(`${id}: acknowledged and lost`);
    for (const id of this.refused.keys()) if (stored.counts.has(id)) broken.push(`${id}: refused and stored`);
    for (const [id, count] of stored.counts) {
      if (count > 1) broken.push(`${id}: stored ${count} times`);
      if (!this.#wasSent(id)) broken.push(`${id}: stored and never sent`);
    }
    return [...broken, ...stored.problems];
  }

  #wasSent(id: string): boolean {
    return this.acknowledged.has(id) || this.unanswered.has(id) || this.refused.has(id);
  }
}
