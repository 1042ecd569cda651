import { describe, expect, test } from '@jest/globals';
import { testEventStore } from '../../src/event-store/conformance/test-event-store.ts';
import { openUnderTest } from '../helpers/sqlite-under-test.ts';

testEventStore({ describe, test, expect }, 'SQLite', openUnderTest);
