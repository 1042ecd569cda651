import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { straceMissing, traceCommand } from '../src/durability/strace.ts';
import { readTrace, type SystemCall, type TracedAnswer, unsyncedAnswers } from '../src/durability/trace.ts';
import { BucketProcess } from '../src/processes/bucket-process.ts';
import { RawClient } from '../src/processes/raw-client.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';
import { engineTest } from './engine-test.ts';

const CALLS = ['fsync', 'fdatasync', 'pwrite64', 'pwritev', 'write', 'writev', 'sendmsg', 'sendto'];
const WRITERS = 6;
const EVENTS_EACH = 40;

interface Traced {
  readonly calls: SystemCall[];
  readonly answers: TracedAnswer[];
  readonly dataDir: string;
}

/** A Bucket under strace takes events over several connections; what it did, and what it answered. */
async function traceWrites(folder: string): Promise<Traced> {
  const dataDir = join(folder, 'data');
  await mkdir(dataDir);
  const prefix = join(folder, 'trace');
  const bucket = await BucketProcess.start({ dataDir, wrapper: traceCommand(prefix, CALLS) });
  const perWriter = Array.from({ length: WRITERS }, (_, writer) => writeSome(bucket.url, writer));
  const answers = (await Promise.all(perWriter)).flat();
  await bucket.stop();
  return { calls: await readTrace(prefix), answers, dataDir };
}

async function writeSome(url: string, writer: number): Promise<TracedAnswer[]> {
  const client = new RawClient(url);
  const answers: TracedAnswer[] = [];
  for (let nth = 0; nth < EVENTS_EACH; nth += 1) {
    const id = `<traced-${writer}-${nth}>`;
    const answer = await client.write({ event_type: 'traced', agent_id: `w${writer}`, metadata: { id } });
    expect(answer.status).toBe(200);
    answers.push({ id, localPort: answer.localPort ?? 0, nth });
  }
  client.close();
  return answers;
}

engineTest(
  'what was acknowledged had been fsynced: the trace of the system calls',
  straceMissing(),
  async () => {
    const { calls, answers, dataDir } = await withTempFolder(traceWrites);
    expect(answers).toHaveLength(WRITERS * EVENTS_EACH);
    expect(unsyncedAnswers(calls, answers)).toEqual([]);

    // The log's name is durable too: its folder was synced before the first answer.
    const firstAnswer = calls.find(({ text }) => text.includes('"HTTP/1.1 '))?.start ?? 0;
    const folderSyncs = calls.filter(({ target, name }) => target === dataDir && name === 'fsync');
    expect(folderSyncs.some(({ end, succeeded }) => succeeded && end < firstAnswer)).toBe(true);

    // The proof can fail: without the syncs, with failed ones, and with late ones, it does.
    const isSync = ({ name, target }: SystemCall) => name === 'fsync' && target.endsWith('-wal');
    const without = calls.filter((call) => !isSync(call));
    const failing = calls.map((call) => (isSync(call) ? { ...call, succeeded: false } : call));
    const late = calls.map((call) => (isSync(call) ? { ...call, end: call.end + 60 } : call));
    for (const doctored of [without, failing, late]) {
      expect(unsyncedAnswers(doctored, answers)).toHaveLength(answers.length);
    }
  },
);

test('an answer for an event that is not in the log is told', () => {
  const answer: SystemCall = {
    thread: '1',
    name: 'writev',
    start: 1,
    end: 2,
    target: 'TCP:[127.0.0.1:8001->127.0.0.1:50000]',
    text: '"HTTP/1.1 200 OK',
    succeeded: true,
  };
  const complaints = unsyncedAnswers([answer], [{ id: 'x', localPort: 50_000, nth: 0 }]);
  expect(complaints).toEqual(['x: answered, and never written to the log']);
});
