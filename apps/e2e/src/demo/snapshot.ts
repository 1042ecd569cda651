import { join } from 'node:path';
import { openRegistry, openSqliteStore, type VersionRecord } from '@bhiv/artifact-registry';
import { callJson } from './http.ts';
import { valueAt } from './json.ts';
import { type Plan, startCore } from './runs.ts';
import type { Finding } from './verdict.ts';

/**
 * Looks for the snapshot that a Core of the plan published when it stopped, starts another one from it, and tells both.
 * Gives what did not hold; nothing where all is well.
 */
export async function tellSnapshot(plan: Plan, bucketUrl: string): Promise<Finding[]> {
  const snapshot = await latestSnapshot(plan);
  if (snapshot === null) return [{ holds: false, text: 'Core published no snapshot of what it learnt' }];
  const { version, metadata } = snapshot;
  plan.progress.say(
    `  -- Core published what it learnt from ${metadata.tasks} tasks as core-selector@${version}`,
  );

  const second = await startCore(plan, bucketUrl, { CORE_START_FROM: ':latest' });
  const startedFrom = valueAt(await callJson(`${second.url}/config`, plan.signal), 'started_from');
  const stoppedWell = (await second.stop()) === 0;
  const [from, tasks] = [valueAt(startedFrom, 'snapshot'), valueAt(startedFrom, 'tasks')];
  if (from !== version || tasks !== metadata.tasks || !stoppedWell) {
    return [
      { holds: false, text: `A second Core began with ${JSON.stringify(startedFrom)}, not ${version}` },
    ];
  }
  plan.progress.say(
    `  -- A second Core began with core-selector:latest, what was learnt from ${tasks} tasks`,
  );
  return [];
}

async function latestSnapshot({ folder }: Plan): Promise<VersionRecord | null> {
  const store = await openSqliteStore({ path: join(folder, 'core', 'registry.db') });
  const registry = openRegistry({ store });
  try {
    return await registry.getLatest('core-selector');
  } finally {
    await registry.close();
  }
}
