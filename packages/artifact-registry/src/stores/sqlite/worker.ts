// The worker thread in which SQLite works: it is held while a commit waits for the disk, and nobody else is.
import { parentPort } from 'node:worker_threads';
import type { RegistryStore } from '../registry-store.ts';
import { openInThread } from './in-thread.ts';
import { type Answer, asFailure, type Call, type StoreFunctions } from './protocol.ts';

let store: RegistryStore | undefined;

function opened(): RegistryStore {
  if (store === undefined) throw new Error('The worker thread was called before it was opened.');
  return store;
}

const functions: StoreFunctions = {
  async open(options) {
    store = openInThread(options);
  },
  register: (registration) => opened().register(registration),
  find: (key) => opened().find(key),
  search: (query) => opened().search(query),
  changeAlias: (change) => opened().changeAlias(change),
  aliases: (logicalId) => opened().aliases(logicalId),
  aliasHistory: (query) => opened().aliasHistory(query),
  changeTags: (change) => opened().changeTags(change),
  lineage: (query) => opened().lineage(query),
  close: () => opened().close(),
};

async function answerTo({ id, name, args }: Call): Promise<Answer> {
  try {
    // WorkerClient.call gives the arguments that the function of this name declares.
    const called = functions[name] as (...args: readonly unknown[]) => Promise<unknown>;
    return { id, value: await called(...args) };
  } catch (error) {
    return { id, failure: asFailure(error) };
  }
}

// Calls run side by side: a write that waits for another process keeps no read waiting.
parentPort?.on('message', async (call: Call) => parentPort?.postMessage(await answerTo(call)));
