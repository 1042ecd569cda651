import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

/** What the figures were taken on. */
export interface Machine {
  readonly processor: string;
  readonly memory: string;
  readonly system: string;
  readonly node: string;
  /** Those whose speed is part of a figure. */
  readonly libraries: string;
}

const LIBRARIES = [
  { name: 'axios', usedBy: '@bhiv/bucket-client' },
  { name: 'express', usedBy: '@bhiv/bucket-server' },
  { name: 'better-sqlite3', usedBy: '@bhiv/bucket-server' },
];

export function thisMachine(): Machine {
  return {
    processor: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()}`,
    node: `Node ${process.version}`,
    libraries: LIBRARIES.map(({ name, usedBy }) => `${name} ${versionOf(name, usedBy)}`).join(', '),
  };
}

/** The load average of the last minute: how busy the machine was with other things. */
export function loadNow(): number {
  return loadavg()[0] ?? Number.NaN;
}

function versionOf(library: string, usedBy: string): string {
  const resolve = createRequire(import.meta.resolve(`${usedBy}/package.json`)).resolve;
  const text = readFileSync(resolve(`${library}/package.json`), 'utf8');
  return (JSON.parse(text) as { version: string }).version; // every package that is installed has one
}
