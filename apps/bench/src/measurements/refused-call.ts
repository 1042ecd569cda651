import type { RefusedCall } from '../children/refused-call.ts';
import type { SilentServer } from '../children/silent-server.ts';
import { closedUrl } from '../load/closed-url.ts';
import type { Measurement } from '../measurement.ts';
import { type Goal, rowOf } from '../row.ts';

const GOAL: Goal = { on: 'figure', atMost: 0.3 };

export const refusedCall: Measurement = {
  name: 'refused-call',
  title: 'What a refused call costs Core',
  goal: 'A refused call costs at most 0.3 µs.',
  bound:
    'Atomic loads of what the sender thread wrote, and with the breaker open a look at the clock (about 0.05 µs).',
  async run({ quick, processes }) {
    const server = await processes.start<SilentServer>(
      new URL('../children/silent-server.js', import.meta.url),
      null,
    );
    const { queueFull, breakerOpen } = await processes.run<RefusedCall>(
      new URL('../children/refused-call.js', import.meta.url),
      { silentUrl: server.ready.url, closedUrl: await closedUrl(), rounds: quick ? 20 : 200 },
    );
    await server.stop();
    return {
      rows: [
        rowOf({ what: 'queue full, silent server', unit: 'µs', goal: GOAL }, queueFull),
        rowOf({ what: 'breaker open, nothing listens', unit: 'µs', goal: GOAL }, breakerOpen),
      ],
      notes: ['Rounds of 20,000 calls of writeAgentResult(); the client counted each of them as refused.'],
    };
  },
};
