import { afterAll, describe, expect, test } from '@jest/globals';
import { testRegistryStore } from '../../src/conformance/test-registry-store.ts';
import { endThreads, memoryUnderTest, sqliteInThread, sqliteUnderTest } from '../helpers/stores.ts';

const runner = { describe, test, expect };

testRegistryStore(runner, { name: 'memory', open: memoryUnderTest, isShared: false });
testRegistryStore(runner, { name: 'SQLite', open: sqliteUnderTest });
testRegistryStore(runner, { name: 'SQLite on the calling thread', open: sqliteInThread });

afterAll(endThreads);
