import { setTimeout as sleep } from 'node:timers/promises';
import { startSwitchable } from '../faults/fault-server.ts';
import type { FaultKind } from '../faults/index.ts';
import { type ChildEnd, MeasuredChild } from './child.ts';
import type { ReportOf, ThreadMode } from './child-protocol.ts';
import { childConfig } from './outage-job.ts';

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
    const child = new MeasuredChild(childConfig(kind, server.url, thread, 'natural'));
    const [exit, end] = await Promise.all([child.report('exit'), child.end]);
    return { exit, end, lingeredMs: end.at - exit.lastCallAt };
  } finally {
    await server.stop();
  }
}

const well: FaultKind = {
  name: 'well',
  failsAs: 'none',
  hangs: false,
  start: async () => {
    const server = await startSwitchable({ fault: (socket) => socket.destroy() });
    await server.heal();
    return server;
  },
};

/** 1,000 events in one go at a well Bucket, then the end of the program; `arrived` are their numbers. */
export async function measureWell(thread: ThreadMode): Promise<NaturalFigures & { arrived: unknown[] }> {
  const server = await well.start();
  try {
    const child = new MeasuredChild(childConfig(well, server.url, thread, 'burst'));
    const [exit, end] = await Promise.all([child.report('exit'), child.end]);
    await sleep(50); // the server may still read what the client's process left in the kernel
    const arrived = server.arrivals.map(({ event }) => Object(event.metadata).n);
    return { exit, end, lingeredMs: end.at - exit.lastCallAt, arrived };
  } finally {
    await server.stop();
  }
}
