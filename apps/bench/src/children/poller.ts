// Asks for one path at a fixed rate until it is stopped, and tells how long the answers took from when each was due.
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequest } from '../load/connection.ts';
import { OpenLoop } from '../load/open-loop.ts';
import { provide, type Service } from '../processes/child.ts';
import { quantile } from '../statistics.ts';

export interface Polled {
  /** ms. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export type Poller = Service<
  { readonly url: string; readonly path: string; readonly perSecond: number },
  null,
  Polled
>;

/** Before it counts: its code gets compiled. */
const WARM_UP_MS = 500;

await provide<Poller>(async ({ url, path, perSecond }) => {
  const loop = await OpenLoop.start({ url, requests: [getRequest(path)], perSecond, connections: 4 });
  await sleep(WARM_UP_MS);
  loop.count();
  return {
    ready: null,
    async stop() {
      const { latencies, refused } = await loop.stop();
      if (refused > 0) throw new Error(`${refused} answers were not 200`);
      const all = Array.from(latencies);
      return { p50: quantile(all, 0.5), p99: quantile(all, 0.99), max: quantile(all, 1) };
    },
  };
});
