import type { AnsweringServer } from '../children/answering-server.ts';
import type { CallCost } from '../children/call-cost.ts';
import type { Measurement } from '../measurement.ts';
import { type Goal, rowBeside, rowOf } from '../row.ts';

const GOAL: Goal = { on: 'ratio', atMost: 1.3 };

export const callCost: Measurement = {
  name: 'call-cost',
  title: 'What a call costs Core',
  goal: 'A call costs at most 1.3 × JSON.stringify of the same envelope, validation and timestamp included.',
  bound:
    'JSON.stringify of the event, which is most of the envelope: some 0.8 of what the reference takes. Then putting its result together and writing it as UTF-8 into the queue that both threads share (0.3), which the reference does not do. Copies, checks and clocks are the rest.',
  async run({ quick, processes }) {
    const server = await processes.start<AnsweringServer>(
      new URL('../children/answering-server.js', import.meta.url),
      null,
    );
    const costs = await processes.run<CallCost>(new URL('../children/call-cost.js', import.meta.url), {
      url: server.ready.url,
      rounds: quick ? 20 : 200,
    });
    await server.stop();
    const { agentResult, resultEvent, rlEvent, lone, bytes, delivered } = costs;
    const stringify = (rounds: readonly number[]) => ({ what: 'JSON.stringify', rounds });
    const row = (what: string, { call, stringify: reference }: typeof lone, goal?: Goal) =>
      rowBeside({ what, unit: 'µs', ...(goal && { goal }) }, call, stringify(reference));
    const resultSize = `${Math.round(bytes.agentResult)} bytes`;
    return {
      rows: [
        row(`writeAgentResult(), envelope of ${resultSize}`, agentResult, GOAL),
        row('writeEvent() of the same agent_result', resultEvent, GOAL),
        row(`writeEvent() of an rl_outcome, ${Math.round(bytes.rlOutcome)} bytes`, rlEvent, GOAL),
        rowBeside(
          { what: 'writeAgentResult() against a reference that counts bytes', unit: 'µs' },
          agentResult.call,
          {
            what: 'JSON.stringify + Buffer.byteLength',
            rounds: agentResult.stringifyAndCount,
          },
        ),
        row('a lone writeAgentResult() every 2 ms', lone),
        rowOf({ what: 'of the events written, acknowledged', unit: '%' }, [delivered * 100]),
      ],
      notes: [
        'A round is 300 calls of each side in short turns, while the sender thread is sending what was written before to a server in another process: both sides are timed under the same load.',
        'The client has its default options.',
        'A lone call meets cold caches, as does the lone JSON.stringify beside it, and has to wake the sender.',
      ],
    };
  },
};
