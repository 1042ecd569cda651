import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { wrongUse } from './cli-error.ts';
import type { Io } from './io.ts';
import { userFolder } from './user-folders.ts';

/** What a config file may set. Those that are true name files: a relative one counts from the config file's folder. */
const KEYS = {
  url: false,
  registry: true,
  token: false,
  token_file: true,
  ca: true,
  cert: true,
  key: true,
  by: false,
  bucket: false,
  core_url: false,
} as const;

export type ConfigKey = keyof typeof KEYS;

export interface ConfigFile {
  readonly path: string;
  readonly values: Readonly<Partial<Record<ConfigKey, string>>>;
  readonly warnings: readonly string[];
}

/** Where the config file is looked for by the XDG Base Directory Specification. */
function configPath(env: Io['env']): string {
  return join(userFolder(env, 'XDG_CONFIG_HOME', '.config'), 'bhiv', 'config.json');
}

/**
 * Reads the config file. One that nobody named may be missing. Throws CliError `wrong_use` for one that is named and
 * cannot be read, and for one that is no JSON object of strings; its text is never part of a message, for it may hold a
 * token.
 */
export function readConfigFile(named: string | undefined, env: Io['env']): ConfigFile {
  const path = resolve(named ?? configPath(env));
  const text = textOf(path, named !== undefined);
  if (text === undefined) return { path, values: {}, warnings: [] };
  const values: Partial<Record<ConfigKey, string>> = {};
  const warnings: string[] = [];
  for (const [key, value] of Object.entries(objectOf(text, path))) {
    if (!isKey(key)) {
      warnings.push(
        `${path} sets "${key}", which bhiv does not know: it knows ${Object.keys(KEYS).join(', ')}.`,
      );
    } else if (typeof value === 'string') values[key] = KEYS[key] ? resolve(dirname(path), value) : value;
    else throw wrongUse(`"${key}" in ${path} is no string: write it in quotes.`);
  }
  if (values.token !== undefined && isReadByOthers(path)) {
    warnings.push(`${path} holds a token and others may read it: chmod 600 it, or name a token_file.`);
  }
  return { path, values, warnings };
}

function textOf(path: string, isNamed: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException; // what readFileSync throws
    if (code === 'ENOENT' && !isNamed) return undefined;
    throw wrongUse(`The config file ${path} cannot be read (${code}): name another one with --config.`);
  }
}

function objectOf(text: string, path: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined; // the parser's message quotes the text
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw wrongUse(`${path} is no JSON object: write for example {"url": "https://bucket.example.com"}.`);
}

function isKey(key: string): key is ConfigKey {
  return Object.hasOwn(KEYS, key);
}

function isReadByOthers(path: string): boolean {
  return process.platform !== 'win32' && (statSync(path).mode & 0o044) !== 0;
}
