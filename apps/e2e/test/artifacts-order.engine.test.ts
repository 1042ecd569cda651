import { describe, expect, test } from '@jest/globals';
import { bytesFrom } from '../src/artifacts/bytes.ts';
import { type FileCall, parseFileCall } from '../src/artifacts/file-trace.ts';
import { killAt, steps } from '../src/artifacts/kill-at.ts';
import { type StoredAnswer, unsafeAnswers } from '../src/artifacts/power-cut.ts';
import { TracedFolder } from '../src/artifacts/traced-bucket.ts';
import { upload } from '../src/artifacts/upload.ts';
import { straceMissing } from '../src/durability/strace.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';
import { engineTest } from './engine-test.ts';

const CLIENTS = 4;
/** Empty, in memory, through a temporary file from the start, over several pieces. */
const SIZES = [0, 1, 4_096, 70_000, 2 ** 20];

interface Traced {
  readonly dataDir: string;
  /** Of each Bucket that ran, in order. */
  readonly calls: readonly FileCall[][];
  readonly answers: StoredAnswer[];
}

/** Every upload is sent twice, so that each client gets a 201 and a 409 for each of its versions. */
async function uploadSome(url: string, client: number): Promise<StoredAnswer[]> {
  const answers: StoredAnswer[] = [];
  for (const [turn, size] of SIZES.entries()) {
    // Some clients share a bucket and an artifact, so folders and their fsyncs are shared too.
    const name = { bucketId: `b${client % 2}`, artifactId: `a${turn}`, version: `v${client}` };
    const body = bytesFrom(`${client}-${turn}`, size);
    for (const wanted of [201, 409]) {
      const { status = 0, body: answer, localPort } = await upload(url, { name, body });
      expect(status).toBe(wanted);
      const digest = answer?.digest ?? answer?.error?.details.digest ?? '';
      answers.push({ name, digest, status, localPort });
    }
  }
  return answers;
}

function traced(work: (folder: TracedFolder) => Promise<StoredAnswer[]>): Promise<Traced> {
  return withTempFolder((path) =>
    TracedFolder.use(path, async (folder) => {
      const answers = await work(folder);
      return { dataDir: folder.dataDir, calls: await folder.calls(), answers };
    }),
  );
}

async function uploadAll(folder: TracedFolder): Promise<StoredAnswer[]> {
  const bucket = await folder.start();
  const clients = Array.from({ length: CLIENTS }, (_, client) => uploadSome(bucket.url, client));
  const answers = (await Promise.all(clients)).flat();
  await bucket.stop();
  return answers;
}

function complaints(
  { dataDir, calls, answers }: Traced,
  without: (call: FileCall) => boolean | undefined = () => false,
) {
  const left = calls.flat().filter((call) => !without(call));
  return unsafeAnswers(dataDir, left, answers);
}

const isSyncIn = (folder: string) => (call: FileCall) => call.kind === 'sync' && call.path.includes(folder);

engineTest('nothing that is answered could be taken away by a power cut', straceMissing(), async () => {
  const all = await traced(uploadAll);
  expect(all.answers).toHaveLength(2 * CLIENTS * SIZES.length);
  expect(complaints(all)).toEqual([]);

  // The proof can fail. Contents are synced in tmp, under their first name; folders under their own.
  for (const folder of ['/tmp/', '/blobs/sha256/', '/refs/b']) {
    expect(complaints(all, isSyncIn(folder)).length).toBeGreaterThanOrEqual(all.answers.length);
  }
  const late = all.calls
    .flat()
    .map((call) => (call.kind === 'sync' ? { ...call, end: call.end + 60 } : call));
  expect(complaints({ ...all, calls: [late] })).toHaveLength(2 * all.answers.length);
});

describe('killed with SIGKILL as soon as it can be seen, before its folder is synced:', () => {
  for (const step of steps) {
    engineTest(`the ${step}; the next Bucket says nothing that is not durable`, straceMissing(), async () => {
      const all = await traced((folder) => killAt(folder, step));
      const statuses = all.answers.map(({ status }) => status);
      expect(statuses).toEqual(step === 'ref' ? [200, 200, 200, 409, 409] : [201, 409]);
      expect(complaints(all)).toEqual([]);

      // The proof can fail: what the first Bucket synced is not enough for any of these answers.
      const isSyncOfSecond = (call: FileCall) => call.kind === 'sync' && all.calls[1]?.includes(call);
      expect(complaints(all, isSyncOfSecond).length).toBeGreaterThanOrEqual(all.answers.length);
    });
  }
});

test('lines of strace are read as they are', () => {
  const lines = [
    '1700000000.25 openat(AT_FDCWD</x>, "/d/tmp/a", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0600) = 23</d/tmp/a> <0.25>',
    '1700000000.50 write(23</d/tmp/a>, "some \\"bytes\\""..., 3000) = 3000 <0.25>',
    '1700000001.00 fsync(23</d/tmp/a>)       = -1 EIO (Input/output error) (INJECTED) <0.25>',
    '1700000002.00 link("/d/tmp/a", "/d/refs/b/a/1.json") = 0 <0.25>',
    '1700000003.00 writev(30<TCP:[127.0.0.1:8001->127.0.0.1:5000]>, [{iov_base="HTTP/1.1 201 Cre"..., iov_len=9}], 1) = 9 <0.25>',
    '1700000004.00 fsync(23</d/refs/b/a> <unfinished ...>) = ?',
    '1700000004.00 openat(AT_FDCWD</x>, "/etc/passwd", O_RDONLY) = 5</etc/passwd> <0.25>',
    '1700000004.00 write(7<anon_inode:[eventfd]>, "\\1\\0", 8) = 8 <0.25>',
  ];
  const call = { path: '/d/tmp/a', to: '', status: 0, succeeded: true };
  expect(lines.flatMap(parseFileCall)).toEqual([
    { ...call, kind: 'create', start: 1_700_000_000.25, end: 1_700_000_000.5 },
    { ...call, kind: 'write', start: 1_700_000_000.5, end: 1_700_000_000.75 },
    { ...call, kind: 'sync', start: 1_700_000_001, end: 1_700_000_001.25, succeeded: false },
    { ...call, kind: 'link', to: '/d/refs/b/a/1.json', start: 1_700_000_002, end: 1_700_000_002.25 },
    { ...call, kind: 'answer', path: '5000', status: 201, start: 1_700_000_003, end: 1_700_000_003.25 },
    {
      ...call,
      kind: 'sync',
      path: '/d/refs/b/a',
      start: 1_700_000_004,
      end: Number.POSITIVE_INFINITY,
      succeeded: false,
    },
  ]);
});
