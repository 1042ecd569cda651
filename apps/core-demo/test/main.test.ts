import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { recordingBucket } from './support/recording-bucket.ts';
import { PLAIN } from './support/texts.ts';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
});

/** The built Core as a process of its own. */
function core(env: Record<string, string>, args: string[] = []) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { CORE_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  let printed = '';
  child.stdout.on('data', (text) => {
    printed += text;
  });
  const lines = createInterface({ input: child.stdout });
  return {
    child,
    errors: () => errors,
    output: () => printed,
    firstLine: async (): Promise<{ url: string }> => JSON.parse(String((await once(lines, 'line'))[0])),
    exit: async () => (await once(child, 'close'))[0],
  };
}

describe('main', () => {
  test.each<[string, number, string, string]>([
    ['--help', 0, 'CORE_DATA_DIR', ''],
    ['--version', 0, '1.0.0', ''],
    ['--port=3', 2, '', 'no argument "--port=3"'],
  ])('%s ends with %i', async (argument, status, out, error) => {
    const { exit, errors, output } = core({}, [argument]);
    expect(await exit()).toBe(status);
    expect(output()).toContain(out);
    expect(errors()).toContain(error);
  });

  test.each([
    ['CORE_DATA_DIR', MAIN],
    ['BUCKET_URL', 'http://127.0.0.1:1/?a=b'],
  ])('does not start with a bad %s', async (name, value) => {
    const { exit, errors } = core({ [name]: value });
    expect(await exit()).toBe(1);
    expect(errors()).toContain(`${name} is "${value}"`);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'on %s finishes, hands over its events and ends with 0',
    async (signal) => {
      const bucket = await recordingBucket();
      const { child, firstLine, exit, errors } = core({ BUCKET_URL: bucket.url });
      const { url } = await firstLine();
      const answer = await fetch(`${url}/handle_task`, {
        method: 'POST',
        body: JSON.stringify({ input: PLAIN }),
      });
      child.kill(signal);
      child.kill(signal);
      expect(await answer.json()).toMatchObject({ status: 'success' });
      expect(await exit()).toBe(0);
      expect(errors()).toBe('');
      expect(bucket.events.map((event) => event.event_type).sort()).toEqual(['agent_result', 'rl_outcome']);
      await bucket.close();
    },
  );

  test('does not start with a bad value, and says which', async () => {
    const { exit, errors } = core({ CORE_PORT: 'eighty', BUCKET_URL: 'nowhere' });
    expect(await exit()).toBe(1);
    expect(errors()).toContain('CORE_PORT is "eighty"; give a whole number from 0 to 65535');
    expect(errors()).toContain('BUCKET_URL is "nowhere"');
    expect(errors()).not.toContain('    at ');
  });

  test('does not start on a port in use, and says what to do', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const { exit, errors } = core({ CORE_PORT: String(port) });
    expect(await exit()).toBe(1);
    expect(errors()).toContain(`port ${port}: another program listens there; set CORE_PORT to a free port`);
    other.close();
  });
});
