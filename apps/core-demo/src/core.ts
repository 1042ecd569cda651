import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Express } from 'express';
import { loadAgents, readAgentsFile } from './agent-loader.ts';
import { createApp } from './app.ts';
import { type CoreConfig, withoutCredentials } from './config.ts';
import { ConfigError, messageOf } from './errors.ts';
import type { EventSink } from './event-sink.ts';
import { isLoopback } from './http/local-only.ts';
import { RewardHistory } from './selection/reward-history.ts';
import type { Beginning } from './snapshots/snapshots.ts';
import { TaskRunner } from './tasks/task-runner.ts';

/** The part of a logger that Core uses; pino fits it. */
export type Log = { error(fields: object, message: string): void };

/**
 * Puts a Core together from its configuration: reads the agents file and the documents, makes the agents, wires
 * the application, which goes on with what was learnt before. Listens on nothing yet. Rejects with `ConfigError` when
 * the agents file or the data folder is wrong.
 */
export async function createCore(
  config: CoreConfig,
  sink: EventSink,
  log: Log,
  beginning: Beginning = { history: new RewardHistory(), from: null },
): Promise<Express> {
  if (config.dataDirGiven) await makeDataDir(config.dataDir);
  const file = await readAgentsFile(config.agentsFile);
  const documentsDir = await findDocuments(config.dataDir);
  const agents = await loadAgents(file, { documentsDir });
  const { exploration, exploration_decay: explorationDecay } = file.selection;
  const rules = { exploration, explorationDecay, seed: config.seed };
  const onAgentFault = (error: unknown, task: { taskId: string; agentId: string }) => {
    log.error({ err: error, task_id: task.taskId, agent_id: task.agentId }, 'an agent failed');
  };
  const runner = new TaskRunner(agents, rules, sink, onAgentFault, beginning.history);
  const startedFrom = { snapshot: beginning.from, tasks: beginning.history.total };
  return createApp({
    runner,
    sink,
    version: await packageVersion(),
    shownConfig: (port) => ({
      ...shown({ ...config, port: port ?? config.port }, documentsDir, file),
      started_from: startedFrom,
    }),
    maxBodyBytes: config.maxBodyBytes,
    local: isLoopback(config.host),
    onFault: (error) => log.error({ err: error }, 'a request failed'),
  });
}

/** Makes the folder where it is missing. Rejects with `ConfigError` when it cannot be one. */
async function makeDataDir(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true });
  } catch (error) {
    throw new ConfigError([
      `CORE_DATA_DIR is "${dataDir}", which is no folder and cannot be made one: ${messageOf(error)}`,
    ]);
  }
}

/** The documents of this installation, else those that come with the package. */
async function findDocuments(dataDir: string): Promise<string> {
  const own = join(dataDir, 'documents');
  try {
    await access(own);
    return own;
  } catch {
    return fileURLToPath(new URL('../documents', import.meta.url));
  }
}

/** The version that `GET /health` tells. */
export async function packageVersion(): Promise<string> {
  const manifest: { version: string } = JSON.parse(
    await readFile(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return manifest.version;
}

function shown(
  config: CoreConfig,
  documentsDir: string,
  { selection, agents }: { selection: object; agents: object[] },
) {
  return {
    host: config.host,
    port: config.port,
    seed: config.seed,
    max_body_bytes: config.maxBodyBytes,
    documents: documentsDir,
    bucket: { enabled: config.bucketEnabled, url: withoutCredentials(config.bucketUrl) },
    selection,
    agents,
  };
}
