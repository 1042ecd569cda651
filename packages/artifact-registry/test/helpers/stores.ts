import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreUnderTest } from '../../src/conformance/test-registry-store.ts';
import { memoryStore } from '../../src/stores/memory/memory-store.ts';
import type { RegistryStore } from '../../src/stores/registry-store.ts';
import { openInThread } from '../../src/stores/sqlite/in-thread.ts';
import { openSqliteStore } from '../../src/stores/sqlite/open.ts';

/** A new folder, and a function that removes it. */
export async function tempFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'registry-test-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

export async function memoryUnderTest(): Promise<StoreUnderTest> {
  const store = memoryStore();
  return { store, dispose: () => store.close() };
}

/** SQLite in its worker thread, as users have it. */
export function sqliteUnderTest(): Promise<StoreUnderTest> {
  return onFile((path) => openSqliteStore({ path }));
}

/**
 * Opens stores while the tests before them run: a worker thread takes longer to start than most tests do. Those that no
 * test has got are disposed of by `dispose`.
 */
export function openedAhead(open: () => Promise<StoreUnderTest>): {
  open: () => Promise<StoreUnderTest>;
  dispose: () => Promise<void>;
} {
  const ahead: Promise<StoreUnderTest>[] = [];
  return {
    open() {
      while (ahead.length < 3) ahead.push(open());
      return ahead.shift() ?? open();
    },
    async dispose() {
      for (const opened of ahead) await (await opened).dispose();
    },
  };
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
