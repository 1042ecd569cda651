import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { DEFAULT_PORTS } from '@bhiv/contracts';
import { CliError, wrongUse } from './cli-error.ts';
import { type ConfigKey, readConfigFile } from './config-file.ts';
import type { Io } from './io.ts';
import { withoutAnyCredentials, withoutCredentials } from './secrets.ts';
import { userFolder } from './user-folders.ts';

/** The options of a command line that are settings, as commander names them. */
export interface SettingFlags {
  readonly config?: string;
  readonly url?: string;
  readonly registry?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly by?: string;
  readonly source?: string;
  readonly bucket?: string;
  /** `--no-core` makes it false, and nothing makes it true. */
  readonly core?: string | boolean;
}

/** PEM text, as BucketClient and Node's `tls` take it. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Everything that is set, by flag, environment or config file, in this order. */
export interface Settings {
  readonly url: string;
  readonly coreUrl: string;
  /** The SQLite file. */
  readonly registry: string;
  readonly token: string | undefined;
  readonly tls: TlsFiles | undefined;
  /** Who uploads and registers. */
  readonly by: string;
  readonly source: string | undefined;
  readonly bucket: string | undefined;
}

type Name = ConfigKey | 'source';

/** Where a setting comes from beside the config file, which has it under its own name. */
const SOURCES: Readonly<Record<Name, { flag: keyof SettingFlags; env: readonly string[] }>> = {
  url: { flag: 'url', env: ['BHIV_BUCKET_URL', 'BUCKET_URL'] },
  core_url: { flag: 'core', env: ['BHIV_CORE_URL'] },
  registry: { flag: 'registry', env: ['BHIV_REGISTRY'] },
  token: { flag: 'token', env: ['BHIV_TOKEN'] },
  token_file: { flag: 'tokenFile', env: ['BHIV_TOKEN_FILE'] },
  ca: { flag: 'ca', env: ['BHIV_CA'] },
  cert: { flag: 'cert', env: ['BHIV_CERT'] },
  key: { flag: 'key', env: ['BHIV_KEY'] },
  by: { flag: 'by', env: ['BHIV_BY'] },
  source: { flag: 'source', env: ['BHIV_SOURCE'] },
  bucket: { flag: 'bucket', env: ['BHIV_BUCKET'] },
};

/** A value, and who set it: `--url`, `BHIV_BUCKET_URL` or the path of the config file. */
interface Found {
  readonly value: string;
  readonly from: string;
}

export interface ReadSettings {
  readonly settings: Settings;
  readonly warnings: readonly string[];
  /** Where each setting comes from, one line each, without anything secret. */
  readonly trace: readonly string[];
}

/**
 * Reads the settings of one run. An empty variable counts as not set. What must not be printed is told to `io.secrets`
 * before anything is read that could fail. Throws CliError `wrong_use` and `file_failed`.
 */
export function readSettings(flags: SettingFlags, { env, secrets }: Io): ReadSettings {
  for (const secret of [flags.token, env.BHIV_TOKEN]) if (secret) secrets.add(secret);
  const file = readConfigFile(flags.config ?? (env.BHIV_CONFIG || undefined), env);
  if (file.values.token !== undefined) secrets.add(file.values.token);

  const trace = [`config file ${file.path}`];
  const look = (name: Name): Found | undefined => {
    const { flag, env: variables } = SOURCES[name];
    const given = flags[flag];
    if (typeof given === 'string') return { value: given, from: flagName(flag) };
    const variable = variables.find((variable) => env[variable]);
    if (variable !== undefined) return { value: env[variable] ?? '', from: variable };
    const value = name === 'source' ? undefined : file.values[name];
    return value === undefined ? undefined : { value, from: file.path };
  };
  const tell = (name: string, shown: string, from = 'default') => trace.push(`${name} ${shown} (${from})`);
  const text = (name: Name, fallback: string): string => {
    const found = look(name);
    const value = found?.value ?? fallback;
    tell(name, withoutCredentials(value), found?.from);
    return value;
  };
  const url = (name: 'url' | 'core_url', port: number): string => {
    const value = text(name, `http://127.0.0.1:${port}`);
    return checkUrl(value, look(name)?.from ?? name, secrets);
  };

  const token = tokenOf(look);
  if (token !== undefined) {
    secrets.add(token.value);
    tell('token', 'is set', token.from);
  }
  const pem = (name: 'ca' | 'cert' | 'key') => {
    const found = look(name);
    if (found === undefined) return {};
    tell(name, found.value, found.from);
    const content = contentOf(found);
    if (name === 'key') secrets.add(content);
    return { [name]: content };
  };
  const tls: TlsFiles = { ...pem('ca'), ...pem('cert'), ...pem('key') };
  const defaultRegistry = join(userFolder(env, 'XDG_DATA_HOME', '.local/share'), 'bhiv', 'registry.db');
  const settings: Settings = {
    url: url('url', DEFAULT_PORTS.bucket),
    coreUrl: url('core_url', DEFAULT_PORTS.core),
    registry: resolve(text('registry', defaultRegistry)),
    token: token?.value,
    tls: Object.keys(tls).length > 0 ? tls : undefined,
    by: text('by', hostname()),
    source: look('source')?.value,
    bucket: look('bucket')?.value,
  };
  return { settings, warnings: file.warnings, trace };
}

/** A token itself, or the one in a file; the one that is set nearer to the command line, if both are. */
function tokenOf(look: (name: Name) => Found | undefined): Found | undefined {
  const [token, file] = [look('token'), look('token_file')];
  if (file === undefined || (token !== undefined && nearness(token) <= nearness(file))) return token;
  const value = contentOf(file).trim();
  if (value === '') throw wrongUse(`${file.value}, the token file by ${file.from}, is empty.`);
  return { value, from: file.from };
}

function nearness({ from }: Found): number {
  if (from.startsWith('--')) return 0;
  return from.startsWith('BHIV_') ? 1 : 2;
}

function contentOf({ value: path, from }: Found): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException; // what readFileSync throws
    throw new CliError('file_failed', `${path}, named by ${from}, cannot be read (${code}).`, { cause });
  }
}

function checkUrl(url: string, from: string, secrets: Io['secrets']): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.password) {
    secrets.add(parsed.password);
    secrets.add(`${parsed.username}:${parsed.password}`);
  }
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return url.replace(/\/+$/, '');
  throw wrongUse(`${from} is "${withoutAnyCredentials(url)}": give http://host:port or https://host.`);
}

/** `tokenFile` → `--token-file`. */
function flagName(flag: string): string {
  return `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
