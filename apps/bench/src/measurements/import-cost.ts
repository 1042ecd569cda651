import type { AnsweringServer } from '../children/answering-server.ts';
import type { FirstCall, FirstCallResult } from '../children/first-call.ts';
import type { ImportTime } from '../children/import-time.ts';
import type { ImportName } from '../children/imports.ts';
import type { LoadedModules } from '../children/loaded-modules.ts';
import type { Context, Measurement } from '../measurement.ts';
import { type Row, rowBeside, rowOf } from '../row.ts';
import { interleave } from '../runner.ts';

/** What the event half has to come without: the artifact half, its packages, and the validator's compiler. */
const NOT_WANTED = /artifact|\/ajv/i;

export const importCost: Measurement = {
  name: 'import-cost',
  title: 'What importing the client costs',
  goal: 'Importing the client costs at most 1.15 × importing axios, and its event half comes without the artifact code.',
  bound:
    'Reading and compiling a few small modules. axios is not among them: the sender loads it in its own thread after the first call.',
  async run(context) {
    return {
      rows: [
        ...(await timeImports(context)),
        ...(await countModules(context)),
        ...(await timeFirstCall(context)),
      ],
      notes: [
        'Each round is a process of its own, started for it; the files are in the page cache. Timed is `await import()` in a process that has loaded nothing but the few lines that time it.',
        'The first call allocates the queue; the turn behind it starts the sender thread, which then loads axios on its own.',
      ],
    };
  },
};

async function timeImports({ quick, processes }: Context): Promise<Row[]> {
  const timed = (name: ImportName) => () =>
    processes.run<ImportTime>(new URL('../children/import-time.js', import.meta.url), { name });
  const costs = await interleave(
    [
      { name: 'client', round: timed('client') },
      { name: 'axios', round: timed('axios') },
    ],
    { warmUp: 2, counted: quick ? 8 : 60 },
  );
  const label = {
    what: "import '@bhiv/bucket-client'",
    unit: 'ms',
    goal: { on: 'ratio', atMost: 1.15 },
  } as const;
  return [rowBeside(label, costs.client, { what: "import 'axios'", rounds: costs.axios })];
}

async function countModules({ processes }: Context): Promise<Row[]> {
  const modulesOf = (name: ImportName) =>
    processes.run<LoadedModules>(new URL('../children/loaded-modules.js', import.meta.url), { name });
  const client = await modulesOf('client');
  const axios = await modulesOf('axios');
  const unwanted = client.filter((url) => NOT_WANTED.test(url));
  return [
    rowBeside({ what: 'modules that the import loads', unit: '' }, [client.length], {
      what: "import 'axios'",
      rounds: [axios.length],
    }),
    rowOf({ what: 'of them artifact code or Ajv', unit: '', goal: { on: 'figure', atMost: 0 } }, [
      unwanted.length,
    ]),
  ];
}

async function timeFirstCall({ quick, processes }: Context): Promise<Row[]> {
  const server = await processes.start<AnsweringServer>(
    new URL('../children/answering-server.js', import.meta.url),
    null,
  );
  const { url } = server.ready;
  const results: FirstCallResult[] = [];
  for (let round = 0; round < (quick ? 4 : 30); round++) {
    results.push(
      await processes.run<FirstCall>(new URL('../children/first-call.js', import.meta.url), { url }),
    );
  }
  await server.stop();
  const row = (what: string, pick: (result: FirstCallResult) => number) =>
    rowOf({ what, unit: 'ms' }, results.map(pick));
  return [
    row('the first call, constructor included', ({ call }) => call),
    row('the turn of the event loop behind it: the start of the sender thread', ({ start }) => start),
    row('from the first call to the acknowledgement', ({ delivered }) => delivered),
  ];
}
