import type { StoredEvent } from '@bhiv/contracts';
import type { Command } from 'commander';
import { examples } from '../core/examples.ts';
import { printable } from '../core/format.ts';
import type { Io } from '../core/io.ts';
import { Monitoring } from '../core/monitoring.ts';
import { wholeNumber } from '../core/numbers.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';

/** What has a column of its own. */
const COLUMNS = new Set(['timestamp', 'requester_id', 'event_type', 'agent_id', 'task_id']);

export function addEvents(program: Command, io: Io): void {
  program
    .command('events')
    .summary('show the newest events')
    .description(
      'Shows the newest events that Bucket has, oldest first. With --json they are as Bucket gave them.',
    )
    .option('--limit <number>', 'how many, 1 to 1000 (default: 20)', wholeNumber(1, 1000))
    .addHelpText(
      'after',
      examples(
        'bhiv events',
        'bhiv events --limit 1000 --json | jq -r ".events[].event_type" | sort | uniq -c',
      ),
    )
    .action(running(io, show));
}

async function show(run: Run, { limit = 20 }: { readonly limit?: number }): Promise<void> {
  const { events, text } = await new Monitoring(run.service(run.settings.url)).events(limit);
  if (run.output.isJson) run.output.verbatim(text);
  else
    run.output.answer(events, [...events.events.map(lineOf), `${events.showing} of ${events.count} events`]);
}

function lineOf(event: StoredEvent): string {
  const { timestamp, event_type, agent_id, task_id } = event;
  const rest = Object.entries(event).filter(([name, value]) => !COLUMNS.has(name) && value !== null);
  const names = [agent_id, task_id].filter((name) => typeof name === 'string');
  const more = rest.map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return printable([timestamp, event_type, ...names, ...more].join('  '));
}
