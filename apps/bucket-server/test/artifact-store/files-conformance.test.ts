import { describe, expect, test } from '@jest/globals';
import { testObjectStore } from '../../src/artifact-store/conformance/test-object-store.ts';
import { openFilesUnderTest } from './files-under-test.ts';

testObjectStore({ describe, test, expect }, 'files', openFilesUnderTest);
