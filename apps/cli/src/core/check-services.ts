import { CliError } from './cli-error.ts';
import { EXIT, exitStatusOf } from './exit-status.ts';
import { count } from './format.ts';
import { callJson, type Service } from './http.ts';
import type { Monitoring } from './monitoring.ts';

/** The agent of the event that a check writes. */
const AGENT_ID = 'bhiv_doctor';

/** One line of the check: whether it holds, what it says, and figures that belong to it. */
export interface Finding {
  readonly holds: boolean;
  readonly text: string;
  readonly figures?: readonly string[];
  readonly unreachable?: boolean;
}

export interface Services {
  readonly bucket: Monitoring;
  /** Undefined where it is left out. */
  readonly core: Service | undefined;
  readonly isWriting: boolean;
}

/**
 * The check of the integration note. Others may write meanwhile, so counts are held to be at least what they were. What
 * depends on what has failed is left out. Rejects only where it is interrupted.
 */
export async function checkServices({ bucket, core, isWriting }: Services): Promise<Finding[]> {
  return [...(await checkBucket(bucket, isWriting)), ...(core === undefined ? [] : [await checkCore(core)])];
}

async function checkBucket(bucket: Monitoring, isWriting: boolean): Promise<Finding[]> {
  const findings: Finding[] = [];
  const step = async (what: string, look: () => Promise<Finding>): Promise<boolean> => {
    const finding = await attempt(what, look);
    findings.push(finding);
    return finding.holds;
  };

  let before = 0;
  const isThere = await step('Bucket Status', async () => {
    const { status, core_integration: integration } = await bucket.health();
    const { events_received, agents_tracked } = integration;
    before = events_received;
    findings.push({ holds: status === 'healthy', text: `Bucket Status: ${status}` });
    return {
      holds: integration.status === 'active',
      text: `Core Integration: ${integration.status}`,
      figures: [`Events received: ${events_received}`, `Agents tracked: ${agents_tracked}`],
    };
  });
  if (!isThere) return findings;
  if (isWriting) {
    const isWritten = await step('Event written', () => writeOne(bucket));
    if (isWritten) await step('Context found', () => findContext(bucket));
    before += isWritten ? 1 : 0;
  }
  await step('Total events', async () => {
    const { stats } = await bucket.stats();
    const { total_events, agents_with_context, tracked_agents } = stats;
    findings.push({ holds: total_events >= before, text: `Total events: ${total_events}` });
    return {
      holds: agents_with_context === tracked_agents.length,
      text: `Agents tracked: ${agents_with_context}`,
    };
  });
  return findings;
}

async function writeOne(bucket: Monitoring): Promise<Finding> {
  const timestamp = new Date().toISOString();
  const event = { event_type: 'doctor_check', agent_id: AGENT_ID, timestamp };
  const { success, message } = await bucket.writeEvent(event);
  return { holds: success, text: `Event written: ${message}` };
}

async function findContext(bucket: Monitoring): Promise<Finding> {
  const { context } = await bucket.context(AGENT_ID);
  const found = context?.event_count ?? 0;
  return { holds: found > 0, text: `Context found: ${count(found, 'event')}` };
}

function checkCore(core: Service): Promise<Finding> {
  return attempt('Core Status', async () => {
    const { status } = await callJson(core, '/health');
    return { holds: status === 'healthy', text: `Core Status: ${String(status)}` };
  });
}

/** What a look finds; a finding that does not hold where it fails. */
async function attempt(what: string, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const unreachable = exitStatusOf(error.code) === EXIT.unreachable;
    return {
      holds: false,
      text: `${what}: ${unreachable ? 'unreachable' : 'failed'} (${error.message})`,
      unreachable,
    };
  }
}
