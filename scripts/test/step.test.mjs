import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputOf, StepFailed, step } from '../lib/step.mjs';

const node = (code) => [process.execPath, ['-e', code]];

test('a step that ends well gives its lines', async () => {
  const lines = [];
  await step('two lines', ...node('console.log("one"); console.error("two")'), {
    onLine: (line) => lines.push(line),
  });
  assert.deepEqual(lines.sort(), ['one', 'two']);
});

test('a step that fails says which, and keeps the exit status', async () => {
  await assert.rejects(step('lint', ...node('process.exit(7)')), (error) => {
    assert(error instanceof StepFailed);
    assert.equal(error.status, 7);
    assert.equal(error.message, 'FAILED: lint (exit status 7)');
    return true;
  });
});

test('a step that a signal ended counts as 128 and the number of the signal', async () => {
  await assert.rejects(step('killed', ...node('process.kill(process.pid, "SIGKILL")')), { status: 137 });
});

test('a command that is not there is named', async () => {
  await assert.rejects(step('missing', 'no-such-command', []), {
    status: 127,
    message: /"no-such-command" is not installed/,
  });
});

test('outputOf gives what a command prints', async () => {
  assert.equal(await outputOf('print', ...node('console.log(" text ")')), 'text');
  await assert.rejects(outputOf('fail', ...node('process.exit(3)')), { status: 3 });
});
