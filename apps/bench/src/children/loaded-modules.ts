// Imports a package and tells the URL or path of every module that came with it, Node's own left out.
import { createRequire, register } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import { perform, type Task } from '../processes/child.ts';
import { IMPORTS, type ImportName } from './imports.ts';

export type LoadedModules = Task<{ readonly name: ImportName }, string[]>;

/** Runs in the thread of Node's module loader and reports every ES module. */
const HOOK = `
let port;
export function initialize(data) { port = data.port; }
export function load(url, context, nextLoad) {
  port.postMessage(url);
  return nextLoad(url, context);
}`;

await perform<LoadedModules>(async ({ name }) => {
  const modules = new Set<string>();
  const { port1, port2 } = new MessageChannel();
  port1.on('message', (url: string) => modules.add(url)).unref();
  register(`data:text/javascript,${encodeURIComponent(HOOK)}`, {
    data: { port: port2 },
    transferList: [port2],
  });
  await IMPORTS[name]();
  await sleep(100); // the last reports arrive
  for (const path of Object.keys(createRequire(import.meta.url).cache)) modules.add(`file://${path}`); // CommonJS
  return [...modules].filter((url) => !url.startsWith('node:'));
});
