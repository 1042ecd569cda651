import { WorkerClient } from './worker-client.ts';
import type { Api } from './worker-protocol.ts';

/** For threads that keep nothing on their heaps for long. Without a bound each may take some 50 MiB. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 };

/**
 * Starts the worker thread `<name>.js` that lies beside a module, with a small heap. `onDeath` is called once, and only
 * where nobody has called `terminate`.
 */
export function startThread<Functions extends Api<Functions>>(
  moduleUrl: string,
  name: string,
  onDeath: (error: Error) => void,
): WorkerClient<Functions> {
  const options = { resourceLimits: RESOURCE_LIMITS };
  return WorkerClient.start<Functions>(threadScript(moduleUrl, name), onDeath, options);
}

/**
 * The script `<name>.js` that lies beside a module. A thread runs without the test runner's transform, so beside a .ts
 * source it is the built one.
 */
export function threadScript(moduleUrl: string, name: string): URL {
  const beside = new URL(`./${name}.js`, moduleUrl);
  if (!moduleUrl.endsWith('.ts')) return beside;
  return new URL(beside.href.replace(/\/src\/(?!.*\/src\/)/, '/dist/'));
}
