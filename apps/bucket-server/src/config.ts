import { isIPv4 } from 'node:net';
import { resolve } from 'node:path';
import { DEFAULT_PORTS } from '@bhiv/contracts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** The settings of one Bucket, checked. The README of this package has the table of the variables. */
export type Config = {
  /** The address to listen on. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** An absolute path. */
  readonly dataDir: string;
  /** The most bytes of the body of one event. */
  readonly maxEventBytes: number;
  /** The most bytes of one artifact. */
  readonly maxArtifactBytes: number;
  /** Whether a whole artifact is checked against its digest while it is sent. */
  readonly verifyOnRead: boolean;
  /** In how many days all stored bytes are read once in the background; null: never. */
  readonly scrubDays: number | null;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Names beside the loopback ones that Host and Origin may carry; null where the check is left to a gateway. */
  readonly allowedHosts: readonly string[] | null;
};

/** Values that Bucket cannot start with. `message` names each variable, its value, and what to set instead. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Names that other programs of the family use. */
const NAMES_OF_OTHERS = ['BUCKET_URL'];

/** The largest is a quarter of what may wait in memory, so an idle Bucket has room for any event it may be sent. */
const MAX_EVENT_BYTES = { largest: 16 * 1024 ** 2, shown: '1 to 16MiB', examples: '65536, 64KiB or 1MiB' };

/** Sizes are counted in doubles, which are exact up to 8 PiB. */
const MAX_ARTIFACT_BYTES = { largest: 1024 ** 5, shown: '1 to 1024TiB', examples: '500MiB, 5GiB or 1TiB' };

const MAX_SCRUB_DAYS = 365;

/**
 * Reads the environment, once. A variable that is set to the empty string counts as not set. Throws ConfigError with
 * everything that is wrong. `warnings` names variables that look like ours and are not.
 */
export function readConfig(environment: Environment): { config: Config; warnings: string[] } {
  const reader = new EnvironmentReader(environment);
  const host = reader.read('BUCKET_HOST', '127.0.0.1', parseHost);
  const isBehindGateway = reader.read('BUCKET_BEHIND_GATEWAY', 'false', parseBoolean);
  const allowedHosts = reader.read('BUCKET_ALLOWED_HOSTS', '', parseHostNames);
  const config = {
    host,
    port: reader.read('BUCKET_PORT', String(DEFAULT_PORTS.bucket), parsePort),
    dataDir: reader.read('BUCKET_DATA_DIR', './data', (value) => resolve(value)),
    maxEventBytes: reader.read('BUCKET_MAX_EVENT_BYTES', '1MiB', bytesUpTo(MAX_EVENT_BYTES)),
    maxArtifactBytes: reader.read('BUCKET_MAX_ARTIFACT_BYTES', '5GiB', bytesUpTo(MAX_ARTIFACT_BYTES)),
    verifyOnRead: reader.read('BUCKET_VERIFY_ON_READ', 'true', parseBoolean),
    scrubDays: reader.read('BUCKET_SCRUB', 'off', parseScrubDays),
    logLevel: reader.read('BUCKET_LOG_LEVEL', 'info', parseLogLevel),
    allowedHosts: isLoopback(host) || allowedHosts.length > 0 ? [asHostName(host), ...allowedHosts] : null,
  };
  if (!isLoopback(host) && !isBehindGateway) reader.refuse(openAddress(host));
  if (reader.problems.length > 0) throw new ConfigError(reader.problems);
  return { config, warnings: reader.unknownNames().map(unknownName) };
}

class EnvironmentReader {
  readonly problems: string[] = [];
  readonly #environment: Environment;
  readonly #known = new Set(NAMES_OF_OTHERS);

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** The parsed value of a variable. Where `parse` throws, that is noted and the default stands in for now. */
  read<Value>(name: string, defaultValue: string, parse: (value: string) => Value): Value {
    this.#known.add(name);
    const value = this.#environment[name]?.trim() || defaultValue;
    try {
      return parse(value);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      this.refuse(`${name} is ${JSON.stringify(value)} but must be ${error.message}.`);
      return parse(defaultValue);
    }
  }

  refuse(problem: string): void {
    this.problems.push(problem);
  }

  unknownNames(): string[] {
    return Object.keys(this.#environment).filter(
      (name) => name.startsWith('BUCKET_') && !this.#known.has(name),
    );
  }
}

/** `message` says what the value must be. */
class BadValue extends Error {}

function parseHost(value: string): string {
  if (/^[0-9a-z.:_-]+$/i.test(value)) return value.toLowerCase();
  throw new BadValue('an address or a host name, such as 127.0.0.1, ::1 or localhost');
}

function parsePort(value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  throw new BadValue('a port from 0 to 65535 (0: any free port)');
}

function parseBoolean(value: string): boolean {
  if (value !== 'true' && value !== 'false') throw new BadValue('true or false');
  return value === 'true';
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

type ByteLimit = { readonly largest: number; readonly shown: string; readonly examples: string };

function bytesUpTo({ largest, shown, examples }: ByteLimit): (value: string) => number {
  return (value) => {
    const [, digits, unit = ''] = /^(\d+)\s*([a-z]*)$/i.exec(value) ?? [];
    const bytes = Number(digits) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
    if (bytes >= 1 && bytes <= largest) return bytes;
    throw new BadValue(`a number of bytes from ${shown}, written like ${examples}`);
  };
}

function parseScrubDays(value: string): number | null {
  if (value === 'off') return null;
  if (/^[1-9]\d{0,2}$/.test(value) && Number(value) <= MAX_SCRUB_DAYS) return Number(value);
  throw new BadValue(`off, or a number of days from 1 to ${MAX_SCRUB_DAYS}`);
}

function parseLogLevel(value: string): Config['logLevel'] {
  const level = LOG_LEVELS.find((known) => known === value);
  if (level === undefined) throw new BadValue(`one of ${LOG_LEVELS.join(', ')}`);
  return level;
}

function parseHostNames(value: string): string[] {
  const names = value.split(',').map((name) => name.trim().toLowerCase());
  const given = names.filter((name) => name !== '');
  if (given.every((name) => /^(\[[0-9a-f:.]+\]|[0-9a-z._-]+)$/.test(name))) return given;
  throw new BadValue('host names without scheme and port, separated by commas, such as bucket.example.org');
}

/** Whether only programs on the same machine can reach the address. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** An address as it stands in a Host header and in a URL: IPv6 in brackets. */
export function asHostName(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function openAddress(host: string): string {
  return `BUCKET_HOST is ${JSON.stringify(host)}, which other machines can reach. Bucket has no login: whoever reaches it can read every event and write any. Put a gateway that checks who asks in front of it and set BUCKET_BEHIND_GATEWAY=true, or leave BUCKET_HOST at 127.0.0.1.`;
}

function unknownName(name: string): string {
  return `${name} is set but Bucket knows no such variable: is it misspelt?`;
}
