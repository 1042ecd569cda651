// Writes so many events a second with the client, from a process that does nothing else. It can be told to pause.
import { BucketClient } from '@bhiv/bucket-client';
import { provide, type Service } from '../processes/child.ts';
import { freshAgentResult } from '../sample-events.ts';

export type SteadyWriter = Service<
  { readonly url: string; readonly perSecond: number },
  null,
  undefined,
  'pause' | 'resume'
>;

const TICK_MS = 2;

await provide<SteadyWriter>(async ({ url, perSecond }) => {
  const client = new BucketClient({ url });
  let timer: NodeJS.Timeout | undefined;

  const resume = () => {
    const start = performance.now();
    let written = 0;
    timer = setInterval(() => {
      const due = ((performance.now() - start) * perSecond) / 1000;
      for (; written < due; written++) client.writeEvent(freshAgentResult(written));
    }, TICK_MS);
  };
  const pause = () => clearInterval(timer);
  return {
    ready: null,
    onTold: (wish) => (wish === 'resume' ? resume() : pause()),
    async stop() {
      pause();
      await client.close();
      return undefined;
    },
  };
});
