import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseReference } from '@bhiv/artifact-registry';
import { DEFAULT_PORTS } from '@bhiv/contracts';
import { ConfigError, messageOf } from './errors.ts';
import { SELECTOR } from './snapshots/selector-name.ts';

/** Core's configuration, read once from the environment. */
export type CoreConfig = {
  /** `CORE_HOST`: the address to listen on. @default 127.0.0.1 */
  host: string;
  /** `CORE_PORT`: the port to listen on; 0 takes a free one. @default 8002 */
  port: number;
  /** `CORE_DATA_DIR`: its folder `documents`, where there is one, is what the search reads. @default ./data */
  dataDir: string;
  /** Whether the variable for it is set; the folder is then made where it is missing. */
  dataDirGiven: boolean;
  /** `CORE_AGENTS_FILE`: the agents and how they are selected. @default config/agents.json of this package */
  agentsFile: string;
  /** `CORE_SEED`: makes task ids and ties repeatable. @default 16 random hex digits, new at each start */
  seed: string;
  /** `CORE_MAX_BODY_BYTES`: the longest body of a task. @default 524288 */
  maxBodyBytes: number;
  /** `CORE_LOG_LEVEL`: what pino logs. @default info */
  logLevel: string;
  /** `CORE_BUCKET`: `off` keeps Core from writing and reading events and snapshots at all. @default on */
  bucketEnabled: boolean;
  /** `CORE_SNAPSHOTS`: whether Core publishes what it has learnt when it stops. @default on */
  snapshots: boolean;
  /** `CORE_START_FROM`: the snapshot to begin with, as a reference of the registry. @default null, to begin anew */
  startFrom: string | null;
  /** `BUCKET_URL`: where Bucket is, whether or not it answers. @default http://127.0.0.1:8001 */
  bucketUrl: string;
};

const NAMES = new Set([
  'CORE_HOST',
  'CORE_PORT',
  'CORE_DATA_DIR',
  'CORE_AGENTS_FILE',
  'CORE_SEED',
  'CORE_MAX_BODY_BYTES',
  'CORE_LOG_LEVEL',
  'CORE_BUCKET',
  'CORE_SNAPSHOTS',
  'CORE_START_FROM',
]);
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/**
 * Reads the configuration. An empty variable counts as not set. Throws `ConfigError` naming every variable with a
 * bad value; `warnings` names `CORE_` variables that Core does not know.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): {
  config: CoreConfig;
  warnings: string[];
} {
  const problems: string[] = [];
  const text = (name: string, fallback: string) => env[name] || fallback;
  const whole = (name: string, fallback: number, least: number, most: number) => {
    const value = text(name, String(fallback));
    if (/^\d+$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
    problems.push(`${name} is "${value}"; give a whole number from ${least} to ${most}`);
    return fallback;
  };
  const oneOf = (name: string, fallback: string, allowed: readonly string[]) => {
    const value = text(name, fallback);
    if (!allowed.includes(value)) problems.push(`${name} is "${value}"; give one of: ${allowed.join(', ')}`);
    return value;
  };

  const config: CoreConfig = {
    host: text('CORE_HOST', '127.0.0.1'),
    port: whole('CORE_PORT', DEFAULT_PORTS.core, 0, 65_535),
    dataDir: resolve(text('CORE_DATA_DIR', './data')),
    dataDirGiven: Boolean(env.CORE_DATA_DIR),
    agentsFile: resolve(
      text('CORE_AGENTS_FILE', fileURLToPath(new URL('../config/agents.json', import.meta.url))),
    ),
    seed: text('CORE_SEED', randomBytes(8).toString('hex')),
    maxBodyBytes: whole('CORE_MAX_BODY_BYTES', 512 * 1024, 1024, 64 * 1024 * 1024),
    logLevel: oneOf('CORE_LOG_LEVEL', 'info', LOG_LEVELS),
    bucketEnabled: oneOf('CORE_BUCKET', 'on', ['on', 'off']) === 'on',
    snapshots: oneOf('CORE_SNAPSHOTS', 'on', ['on', 'off']) === 'on',
    startFrom: env.CORE_START_FROM ? `${SELECTOR}${env.CORE_START_FROM}` : null,
    bucketUrl: text('BUCKET_URL', `http://127.0.0.1:${DEFAULT_PORTS.bucket}`),
  };
  if (!isHttpUrl(config.bucketUrl)) {
    problems.push(`BUCKET_URL is "${masked(config.bucketUrl)}"; give a URL such as http://127.0.0.1:8001`);
  }
  if (config.startFrom !== null) problems.push(...referenceProblems(config.startFrom));
  if (problems.length > 0) throw new ConfigError(problems);
  const unknown = Object.keys(env).filter((name) => name.startsWith('CORE_') && !NAMES.has(name));
  return { config, warnings: unknown.map((name) => `${name} is set, but Core knows no such variable`) };
}

/** A value of BUCKET_URL, right or wrong, as it may be told: without user name and password. */
export function masked(url: string): string {
  return url.replace(/\/\/.*@/, '//***@');
}

/** `:alias`, `@version` or `@sha256:…` has to stand behind the name that Core's snapshots have. */
function referenceProblems(reference: string): string[] {
  const given = reference.slice(SELECTOR.length);
  const advice = `CORE_START_FROM is "${given}"; give :latest, :alias or @version`;
  if (!/^[:@]/.test(given)) return [advice];
  try {
    parseReference(reference);
    return [];
  } catch (error) {
    return [`${advice} (${messageOf(error)})`];
  }
}

function isHttpUrl(value: string): boolean {
  return URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol);
}

/** A URL as it may be shown and logged: without user name and password. */
export function withoutCredentials(url: string): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return shown.href;
}
