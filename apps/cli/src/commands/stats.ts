import type { Command } from 'commander';
import { examples } from '../core/examples.ts';
import { fields, printable } from '../core/format.ts';
import type { Io } from '../core/io.ts';
import { Monitoring } from '../core/monitoring.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';

const SHOWN_AGENTS = 20;

export function addStats(program: Command, io: Io): void {
  program
    .command('stats')
    .summary('show how many events and agents Bucket has')
    .description('Shows how many events Bucket has, and of which agents.')
    .addHelpText('after', examples('bhiv stats', 'bhiv stats --json | jq .stats.total_events'))
    .action(running(io, show));
}

async function show(run: Run): Promise<void> {
  const response = await new Monitoring(run.service(run.settings.url)).stats();
  const { total_events, agents_with_context, tracked_agents } = response.stats;
  const more = tracked_agents.length - SHOWN_AGENTS;
  const names = tracked_agents.slice(0, SHOWN_AGENTS).map(printable).join(', ');
  run.output.answer(
    response,
    fields({
      integration: printable(response.integration_status),
      events: total_events,
      agents: agents_with_context,
      tracked: names === '' ? undefined : `${names}${more > 0 ? `, and ${more} more` : ''}`,
    }),
  );
}
