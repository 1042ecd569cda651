// Prints the outage matrix with the figures of this machine, now, as the markdown block of the READMEs.
// Usage: node dist/outage-table.js
import { faults } from './faults/index.ts';
import { BOUNDS } from './outage/judge.ts';
import { type Cell, runMatrix } from './outage/matrix.ts';
import { CLOSE_MS } from './outage/outage-job.ts';

/** Figures of PEERS.md: other event clients against a server that is gone or silent. */
const PEERS = `
| against a server that is gone or silent | posthog-node | segment analytics-node | OpenTelemetry logs |
|---|---|---|---|
| one call | 1.8 to 2.0 µs | 3.1 to 4.7 µs | 0.9 µs |
| memory after 200,000 calls, server silent | +100 MB | +1,220 MB | +15 MB (keeps 2,048 events, drops the rest) |
| \`close()\` | 30 s | 75 s | 20 s |
| the process ends by itself, without close | after 10 s to over 95 s | after 10 s to over 95 s | after 10 s to over 95 s |
`;

const HEAD = `
| Bucket | \`readContext\` is null after, ms | sockets at one time | longest life of one, ms | events flow again after, ms | \`close(${CLOSE_MS})\` takes, ms | then the process ends in, ms | without close it ends in, ms |
|---|---|---|---|---|---|---|---|
| **the bound** | **${BOUNDS.readMs}** | **${BOUNDS.sockets}** | **${BOUNDS.socketMs}** | **${BOUNDS.recoveryMs}** | **${BOUNDS.closeMs}** | **${BOUNDS.exitAfterCloseMs}** | **${BOUNDS.naturalEndMs}** |`;

interface Row {
  readonly values: readonly (number | undefined)[];
  readonly wrong: readonly string[];
}

async function row(cell: Cell): Promise<Row> {
  const [outage, natural] = await Promise.all([cell.outage, cell.natural]);
  const { reads } = outage.figures.outage;
  const { closed, end, sockets, recoveryMs } = outage.figures;
  const verdicts = [outage.verdict, natural.verdict];
  return {
    values: [
      Math.max(...reads.map(({ ms }) => ms)),
      sockets?.peak,
      cell.kind.hangs ? sockets?.longestMs : undefined,
      recoveryMs,
      closed.ms,
      end.at - closed.at,
      natural.figures.lingeredMs,
    ],
    wrong: verdicts.flatMap(({ facts, times }) => [...facts, ...times]),
  };
}

/** Both thread modes in one cell, as `worker / main`. */
function both(worker: number | undefined, main: number | undefined): string {
  const show = (value: number | undefined) =>
    value === undefined ? '–' : Math.round(value).toLocaleString('en');
  return `${show(worker)} / ${show(main)}`;
}

const matrix = runMatrix();
const wrong: string[] = [];
const lines = [HEAD.trim()];
for (const kind of faults) {
  const rows = await Promise.all(matrix.filter((cell) => cell.kind === kind).map(row));
  const [worker, main] = rows;
  wrong.push(...rows.flatMap((cell) => cell.wrong.map((complaint) => `${kind.name}: ${complaint}`)));
  const figures = (worker?.values ?? []).map((value, index) => both(value, main?.values[index]));
  lines.push(`| ${kind.name} | ${figures.join(' | ')} |`);
}
console.log(`${lines.join('\n')}

Each figure: HTTP in a worker thread (the default) / in the caller's thread. In every cell: nothing thrown, no
warning, and the accounting exact in every sample. The life of a socket counts where requests hang; where Bucket
answers, it is kept for the next request.

Other clients, measured in the same way of failing:
${PEERS.trimEnd()}`);

if (wrong.length > 0) {
  console.error(`out of bounds:\n${wrong.join('\n')}`);
  process.exitCode = 1;
}
