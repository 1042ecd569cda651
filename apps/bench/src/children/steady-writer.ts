// Writes so many events a second with the client, from a process that does nothing else.
import { BucketClient } from '@bhiv/bucket-client';
import { provide, type Service } from '../processes/child.ts';
import { freshAgentResult } from '../sample-events.ts';

export type SteadyWriter = Service<{ readonly url: string; readonly perSecond: number }, null>;

await provide<SteadyWriter>(async ({ url, perSecond }) => {
  const client = new BucketClient({ url });
  const start = performance.now();
  let written = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - start) * perSecond) / 1000;
    for (; written < due; written++) client.writeEvent(freshAgentResult(written));
  }, 2);
  return {
    ready: null,
    async stop() {
      clearInterval(timer);
      await client.close();
      return undefined;
    },
  };
});
