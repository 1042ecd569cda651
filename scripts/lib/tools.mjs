import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { manifestOf, ROOT } from './paths.mjs';
import { outputOf, step } from './step.mjs';

/** The environment that every step runs in. */
export function baseEnvironment(env = process.env) {
  return { ...env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
}

/**
 * What the install needs besides. better-sqlite3 is compiled where no ready-made binary can be fetched. node-gyp would
 * then fetch Node's headers; where this Node came with them, that is not needed, and without a network not possible.
 */
export function nodeHeaders(env = process.env, execPath = process.execPath) {
  const home = join(dirname(execPath), '..');
  const set = env.npm_config_nodedir !== undefined;
  return !set && existsSync(join(home, 'include', 'node', 'node.h')) ? { npm_config_nodedir: home } : {};
}

/** `pnpm@<version>`, as package.json's `packageManager` pins it; a hash behind a plus sign is left out. */
export function pinnedPnpm(manifest = manifestOf(ROOT)) {
  const [pinned] = manifest.packageManager.split('+');
  if (!/^pnpm@\d+\.\d+\.\d+/.test(pinned))
    throw new Error(`package.json pins "${pinned}", not an exact pnpm`);
  return pinned;
}

/** Installs what the lockfile says and builds every package. Gives the tools to go on with. */
export async function installAndBuild() {
  const env = baseEnvironment();
  const pinned = pinnedPnpm();
  console.log(`==> pnpm: npx --yes --package ${pinned}`);
  const pnpm = await outputOf('pnpm', 'npx', ['--yes', '--package', pinned, '--call', 'command -v pnpm'], {
    env,
  });
  // turbo calls pnpm by name.
  const tools = toolsIn({ ...env, PATH: `${dirname(pnpm)}:${env.PATH ?? ''}` });
  await step('install', 'pnpm', ['install', '--frozen-lockfile'], {
    env: { ...tools.env, ...nodeHeaders() },
  });
  await tools.turbo('build', ['run', 'build', '--output-logs=errors-only']);
  return tools;
}

function toolsIn(env) {
  const exec = (name, args, options) => step(name, 'pnpm', ['exec', ...args], { env, ...options });
  return {
    env,
    /** Runs an installed tool as a step. */
    exec,
    /** Runs turbo as a step. */
    turbo: (name, args, options) => exec(name, ['turbo', ...args], options),
  };
}
