import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Io } from './io.ts';

/** A folder of the XDG Base Directory Specification; a relative one in the environment does not count. */
export function userFolder(env: Io['env'], name: string, fallback: string): string {
  const given = env[name];
  return given !== undefined && isAbsolute(given) ? given : join(env.HOME || homedir(), fallback);
}
