import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtScript } from '../../src/built-script.ts';
import type { StoreUnderTest } from '../../src/conformance/test-registry-store.ts';
import { memoryStore } from '../../src/stores/memory/memory-store.ts';
import type { RegistryStore } from '../../src/stores/registry-store.ts';
import { openInThread } from '../../src/stores/sqlite/in-thread.ts';
import { openInWorker } from '../../src/stores/sqlite/store-in-worker.ts';
import { WorkerClient } from '../../src/stores/sqlite/worker-client.ts';

/** A new folder, and a function that removes it. */
export async function tempFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'registry-test-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

export async function memoryUnderTest(): Promise<StoreUnderTest> {
  const store = memoryStore();
  return { store, dispose: () => store.close() };
}

/** A worker thread that serves one store after another: to start one takes longer than most tests do. */
class UsedThread extends WorkerClient {
  static readonly #idle: UsedThread[] = [];

  static take(): UsedThread {
    return UsedThread.#idle.pop() ?? new UsedThread(builtScript('stores/sqlite/worker.js'));
  }

  static async endAll(): Promise<void> {
    for (const thread of UsedThread.#idle.splice(0)) await thread.end();
  }

  /** What a store does when it is closed. */
  override async terminate(): Promise<void> {
    UsedThread.#idle.push(this);
  }

  end(): Promise<void> {
    return super.terminate();
  }
}

/** SQLite in a worker thread, as users have it, but for the thread's own life, which is tested elsewhere. */
export function sqliteUnderTest(): Promise<StoreUnderTest> {
  return onFile((path) => openInWorker(UsedThread.take(), { path, busyTimeoutMs: 20_000 }));
}

/** After the last test that used `sqliteUnderTest`. */
export function endThreads(): Promise<void> {
  return UsedThread.endAll();
}

/** SQLite on the thread of the test: the same code, where coverage sees it. */
export function sqliteInThread(): Promise<StoreUnderTest> {
  return onFile(async (path) => openInThread({ path, busyTimeoutMs: 20_000 }));
}

async function onFile(open: (path: string) => Promise<RegistryStore>): Promise<StoreUnderTest> {
  const { folder, remove } = await tempFolder();
  const stores: RegistryStore[] = [];
  const another = async () => {
    const store = await open(join(folder, 'registry.db'));
    stores.push(store);
    return store;
  };
  const store = await another();
  return {
    store,
    another,
    async dispose() {
      for (const opened of stores) await opened.close();
      await remove();
    },
  };
}
