import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { coreProcess, endAll, MAIN } from './support/core-process.ts';
import { recordingBucket } from './support/recording-bucket.ts';
import { PLAIN } from './support/texts.ts';

afterEach(endAll);

describe('main', () => {
  test.each<[string, number, string, string]>([
    ['--help', 0, 'CORE_DATA_DIR', ''],
    ['--version', 0, '1.0.0', ''],
    ['--port=3', 2, '', 'no argument "--port=3"'],
  ])('%s ends with %i', async (argument, status, out, error) => {
    const { exit, errors, said } = coreProcess({}, [argument]);
    expect(await exit()).toBe(status);
    expect(said()).toContain(out);
    expect(errors()).toContain(error);
  });

  test.each([
    ['CORE_DATA_DIR', MAIN],
    ['BUCKET_URL', 'http://127.0.0.1:1/?a=b'],
  ])('does not start with a bad %s', async (name, value) => {
    const { exit, errors } = coreProcess({ [name]: value });
    expect(await exit()).toBe(1);
    expect(errors()).toContain(`${name} is "${value}"`);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'on %s finishes, hands over its events and ends with 0',
    async (signal) => {
      const bucket = await recordingBucket();
      const { child, listening, exit, errors } = coreProcess({
        BUCKET_URL: bucket.url,
        CORE_SNAPSHOTS: 'off',
      });
      const { url } = await listening();
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
    const { exit, errors } = coreProcess({ CORE_PORT: 'eighty', BUCKET_URL: 'nowhere' });
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
    const { exit, errors } = coreProcess({ CORE_PORT: String(port) });
    expect(await exit()).toBe(1);
    expect(errors()).toContain(`port ${port}: another program listens there; set CORE_PORT to a free port`);
    other.close();
  });
});
