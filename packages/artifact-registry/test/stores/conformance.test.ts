import { afterAll, describe, expect, test } from '@jest/globals';
import { testRegistryStore } from '../../src/conformance/test-registry-store.ts';
import { memoryUnderTest, openedAhead, sqliteInThread, sqliteUnderTest } from '../helpers/stores.ts';

const runner = { describe, test, expect };
const sqlite = openedAhead(sqliteUnderTest);

testRegistryStore(runner, { name: 'memory', open: memoryUnderTest, isShared: false });
testRegistryStore(runner, { name: 'SQLite', open: sqlite.open });
testRegistryStore(runner, { name: 'SQLite on the calling thread', open: sqliteInThread });

afterAll(sqlite.dispose);
