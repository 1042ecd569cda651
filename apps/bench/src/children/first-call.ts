// A cold process that imports the client and writes one event: what the very first call costs (ms).
import { setImmediate as turn } from 'node:timers/promises';
import { perform, type Task } from '../processes/child.ts';
import { freshAgentResult } from '../sample-events.ts';

export interface FirstCallResult {
  readonly import: number;
  /** The constructor and the call. */
  readonly call: number;
  /** For how long the turn of the event loop behind the call is held: the sender's thread is started there. */
  readonly start: number;
  /** From the call until Bucket had acknowledged the event. */
  readonly delivered: number;
}

export type FirstCall = Task<{ readonly url: string }, FirstCallResult>;

await perform<FirstCall>(async ({ url }) => {
  const event = freshAgentResult(1);
  const atImport = performance.now();
  const { BucketClient } = await import('@bhiv/bucket-client');
  const atCall = performance.now();
  const client = new BucketClient({ url });
  client.writeEvent(event);
  const called = performance.now();
  await turn();
  const turned = performance.now();
  await client.flush();
  const delivered = performance.now();
  if (client.stats().delivered !== 1) throw new Error('the event was not delivered');
  await client.close();
  return {
    import: atCall - atImport,
    call: called - atCall,
    start: turned - called,
    delivered: delivered - called,
  };
});
