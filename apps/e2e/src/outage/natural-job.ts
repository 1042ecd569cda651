import type { FaultKind } from '../faults/index.ts';
import { type ChildEnd, MeasuredChild } from './child.ts';
import type { ChildConfig, ReportOf, ThreadMode } from './child-protocol.ts';
import { CLOSE_MS, childConfig } from './outage-job.ts';

/** What a child showed that stopped calling the client and left its end to Node. */
export interface NaturalFigures {
  readonly exit: ReportOf<'exit'>;
  readonly end: ChildEnd;
  /** From the last call of the client to the end of the process, in ms. */
  readonly lingeredMs: number;
}

/** A process writes and reads in an outage, then ends by itself, without close. */
export async function measureNaturalEnd(kind: FaultKind, thread: ThreadMode): Promise<NaturalFigures> {
  const server = await kind.start();
  try {
    return await measureEnd(childConfig(kind, server.url, thread, 'natural'));
  } finally {
    await server.stop();
  }
}

/** A process writes `events` events in one go to a Bucket at `url`, then ends by itself. */
export function measureBurst(url: string, thread: ThreadMode, events: number): Promise<NaturalFigures> {
  return measureEnd({ scenario: 'burst', url, thread, events, eventBytes: 0, closeMs: CLOSE_MS });
}

async function measureEnd(config: ChildConfig): Promise<NaturalFigures> {
  const child = new MeasuredChild(config);
  const [exit, end] = await Promise.all([child.report('exit'), child.end]);
  return { exit, end, lingeredMs: end.at - exit.lastCallAt };
}
