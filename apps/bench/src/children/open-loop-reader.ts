// Reads at a fixed rate for a while, and tells how long the answers took from when each read was due (ms).
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequest } from '../load/connection.ts';
import { OpenLoop } from '../load/open-loop.ts';
import { perform, type Task } from '../processes/child.ts';
import { quantile } from '../statistics.ts';

export interface OpenLoopReaderInput {
  readonly url: string;
  readonly paths: readonly string[];
  readonly perSecond: number;
  readonly seconds: number;
}

export interface OpenLoopReaderResult {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export type OpenLoopReader = Task<OpenLoopReaderInput, OpenLoopReaderResult>;

await perform<OpenLoopReader>(async ({ url, paths, perSecond, seconds }) => {
  const loop = await OpenLoop.start({ url, requests: paths.map(getRequest), perSecond, connections: 8 });
  await sleep(1000);
  loop.count();
  await sleep(seconds * 1000);
  const { latencies, refused } = await loop.stop();
  if (refused > 0) throw new Error(`${refused} reads were refused`);
  const all = Array.from(latencies);
  return { p50: quantile(all, 0.5), p99: quantile(all, 0.99), max: quantile(all, 1) };
});
