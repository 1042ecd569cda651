import { readFile } from 'node:fs/promises';
import type { Agent, AgentDefinition, AgentSurroundings } from './agent.ts';
import { ConfigError, messageOf } from './errors.ts';
import { schemaCheck } from './schema-check.ts';

/** One entry of the agents file, as `config/agents.schema.json` describes it. */
type AgentEntry = {
  id: string;
  kind: string;
  tags: string[];
  weight: number;
  input_types: string[];
  options: Record<string, unknown>;
};

/** The agents file. */
export type AgentsFile = {
  selection: { exploration: number; exploration_decay: number };
  agents: AgentEntry[];
};

/** An agent ready to work, with what the selection needs to know of it. */
export type LoadedAgent = {
  id: string;
  tags: readonly string[];
  inputTypes: readonly string[];
  weight: number;
  agent: Agent;
};

const SCHEMA = new URL('../config/agents.schema.json', import.meta.url);

/** Reads and checks an agents file. Rejects with `ConfigError` that names file, field and value. */
export async function readAgentsFile(path: string): Promise<AgentsFile> {
  const check = schemaCheck<AgentsFile>(JSON.parse(await readFile(SCHEMA, 'utf8')));
  const checked = check(await readJson(path));
  if (!checked.ok) throw new ConfigError(checked.problems.map((problem) => `${path}: ${problem}`));
  const ids = checked.value.agents.map(({ id }) => id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (twice.length > 0) throw new ConfigError(twice.map((id) => `${path}: two agents have the id "${id}"`));
  return checked.value;
}

/** Makes the agents of an agents file, in its order. Rejects with `ConfigError` for an unknown kind or wrong options. */
export async function loadAgents(file: AgentsFile, surroundings: AgentSurroundings): Promise<LoadedAgent[]> {
  const loaded: LoadedAgent[] = [];
  for (const { id, kind, tags, weight, input_types: inputTypes, options } of file.agents) {
    const definition = await definitionOf(kind, id);
    loaded.push({ id, tags, inputTypes, weight, agent: await definition.make(id, options, surroundings) });
  }
  return loaded;
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new ConfigError([`The agents file ${path} cannot be read: ${messageOf(error)}`]);
  }
}

async function definitionOf(kind: string, id: string): Promise<AgentDefinition> {
  try {
    const module: { default: AgentDefinition } = await import(`./agents/${kind}.ts`);
    return module.default;
  } catch (error) {
    throw new ConfigError([
      `Agent "${id}" is of kind "${kind}", and src/agents/${kind}.ts cannot be loaded: ${messageOf(error)}`,
    ]);
  }
}
