import type { FaultKind } from '../faults/index.ts';
import type { NaturalFigures } from './natural-job.ts';
import { CLOSE_MS, type OutageFigures } from './outage-job.ts';

/** The bounds of the matrix. Times in ms. */
export const BOUNDS = {
  readMs: 2_050,
  /** The client's default `maxConcurrency`, and the two reads that the child has open at one time. */
  sockets: 8 + 2,
  /** A request's deadline and 100 ms. */
  socketMs: 2_100,
  closeMs: CLOSE_MS + 50,
  exitAfterCloseMs: 100,
  naturalEndMs: 2_200,
  recoveryMs: 1_500,
} as const;

/** What a measured cell did wrong, in words: `facts` never excuse themselves, `times` may have had a busy machine. */
export interface Verdict {
  readonly facts: readonly string[];
  readonly times: readonly string[];
}

/** Collects complaints; each is said only when its demand does not hold. */
class Complaints {
  readonly facts: string[] = [];
  readonly times: string[] = [];

  fact(holds: boolean, complaint: string): void {
    if (!holds) this.facts.push(complaint);
  }

  verdict(): Verdict {
    return { facts: this.facts, times: this.times };
  }

  time(holds: boolean, complaint: string): void {
    if (!holds) this.times.push(complaint);
  }

  within(what: string, ms: number, bound: number): void {
    this.time(ms <= bound, `${what} took ${Math.round(ms)} ms, over ${bound} ms`);
  }
}

export function judgeOutage(kind: FaultKind, figures: OutageFigures): Verdict {
  const { outage, closed, end, sockets, recoveryMs, stray } = figures;
  const complaints = new Complaints();
  judgeEnd(complaints, end);
  judgeAccounting(complaints, closed);

  const { failed, refused, delivered } = outage.stats;
  const expected = new Map(Object.entries(failed)).get(kind.failsAs) ?? 0;
  // On a busy machine an event may have spent its 2 s before it was sent, and so fail as a timeout in any cell.
  const late = kind.failsAs === 'timeout' ? 0 : failed.timeout;
  const counts = JSON.stringify(failed);
  complaints.time(expected > 0, `no event failed as ${kind.failsAs}: ${counts}`);
  complaints.fact(expected + late === failed.total, `events failed otherwise: ${counts}`);
  complaints.time(late === 0, `${late} events were too late to fail as ${kind.failsAs}`);
  complaints.fact(
    refused.total === refused.breaker_open + refused.queue_overflow,
    `refused: ${JSON.stringify(refused)}`,
  );
  complaints.fact(delivered < 20, `${delivered} events count as delivered in an outage`);
  complaints.fact(stray === 0, `${stray} requests followed the redirect`);

  for (const read of outage.reads) {
    complaints.fact(read.isNull, 'a read in an outage was not null');
    complaints.within('readContext', read.ms, BOUNDS.readMs);
  }
  if (sockets) {
    complaints.fact(sockets.peak <= BOUNDS.sockets, `${sockets.peak} sockets at one time`);
    if (kind.hangs) complaints.within('the life of a socket', sockets.longestMs, BOUNDS.socketMs);
  }
  if (recoveryMs !== undefined) {
    complaints.within('the first event after the outage', recoveryMs, BOUNDS.recoveryMs);
  }
  judgeClose(complaints, closed, end.at);
  return complaints.verdict();
}

function judgeClose(complaints: Complaints, closed: OutageFigures['closed'], endedAt: number): void {
  const { queued, inFlight } = closed.stats;
  complaints.fact(closed.resolvedTo === 'boolean', `close() resolved to a ${closed.resolvedTo}`);
  complaints.fact(!closed.acceptsMore, 'an event was accepted after close()');
  complaints.fact(queued === 0 && inFlight === 0, `after close() ${queued} queued, ${inFlight} in flight`);
  complaints.within('close()', closed.ms, BOUNDS.closeMs);
  complaints.within('the end of the process after close()', endedAt - closed.at, BOUNDS.exitAfterCloseMs);
}

export function judgeNaturalEnd(figures: NaturalFigures): Verdict {
  const complaints = new Complaints();
  judgeEnd(complaints, figures.end);
  judgeAccounting(complaints, figures.exit);
  const { queued, inFlight } = figures.exit.stats;
  complaints.fact(queued === 0 && inFlight === 0, `at the end ${queued} queued, ${inFlight} in flight`);
  complaints.within('the end of the process after the last call', figures.lingeredMs, BOUNDS.naturalEndMs);
  return complaints.verdict();
}

/** A burst at a well Bucket: all of it is delivered, or expired where the machine was too slow for its 2 s. */
export function judgeBurst(figures: NaturalFigures, events: number): Verdict {
  const { facts, times } = judgeNaturalEnd(figures);
  const { accepted, delivered, expired, failed } = figures.exit.stats;
  const late = expired + failed.timeout;
  const account = `of ${events} events ${accepted} accepted, ${delivered} delivered, ${late} too late`;
  return {
    facts: delivered + late === events ? facts : [...facts, account],
    times: late === 0 ? times : [...times, account],
  };
}

function judgeEnd(complaints: Complaints, end: OutageFigures['end']): void {
  complaints.fact(end.code === 0, `the process ended with ${end.code ?? end.signal}`);
  complaints.fact(end.stderr === '', `on stderr: ${end.stderr}`);
}

function judgeAccounting(
  complaints: Complaints,
  report: OutageFigures['closed'] | NaturalFigures['exit'],
): void {
  complaints.fact(report.samples > 5, `the accounting was looked at only ${report.samples} times`);
  for (const violation of report.violations) complaints.fact(false, violation);
}
