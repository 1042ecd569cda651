import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { codeOfRejection } from '../../src/artifact-store/conformance/samples.ts';
import { FolderSync } from '../../src/artifact-store/files/folder-sync.ts';
import { DurableFolders } from '../../src/artifact-store/files/folders.ts';
import { RefCommits } from '../../src/artifact-store/files/ref-commits.ts';
import { TempFiles } from '../../src/artifact-store/files/temp-files.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { ScriptedLanes } from './lane-runner.ts';

const CONTENT = Buffer.from('{}');

let root: string;
let remove: () => Promise<void>;
let lanes: ScriptedLanes;
let refs: RefCommits;

beforeEach(async () => {
  ({ folder: root, remove } = await tempFolder());
  mkdirSync(join(root, 'tmp'));
  mkdirSync(join(root, 'refs'));
  startAnew();
});
afterEach(() => remove());

/** What a process knows when it has just started. */
function startAnew(): void {
  lanes = new ScriptedLanes();
  const folderSync = new FolderSync((path) => lanes.run('syncFolder', path));
  const folders = new DurableFolders(lanes, folderSync, [root, join(root, 'refs')]);
  refs = new RefCommits({ temps: new TempFiles(join(root, 'tmp')), lanes, folders, folderSync });
}

const folder = () => join(root, 'refs', 'b', 'a');
const ref = (version = '1') => join(folder(), `${version}.json`);
const shortCalls = () => lanes.calls.map((call) => call.replace(root, '').replace(/\/tmp\/.*/, '/tmp/'));

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
}

describe('the order of system calls', () => {
  test('the first ref of an artifact: every folder is durable before it is used, and the ref before it is told', async () => {
    expect(await refs.create(ref(), CONTENT)).toBe('created');
    expect(shortCalls()).toEqual([
      'makeFolder /refs/b',
      'syncFolder /refs',
      'makeFolder /refs/b/a',
      'syncFolder /refs/b',
      'linkRef /tmp/',
      'syncFolder /refs/b/a',
    ]);
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });

  test('the next ones need their own link and fsync alone, `exists` too', async () => {
    await refs.create(ref('1'), CONTENT);
    lanes.calls.length = 0;
    expect(await refs.create(ref('2'), CONTENT)).toBe('created');
    expect(await refs.create(ref('1'), CONTENT)).toBe('exists');
    expect(shortCalls()).toEqual([
      'linkRef /tmp/',
      'syncFolder /refs/b/a',
      'linkRef /tmp/',
      'syncFolder /refs/b/a',
    ]);
  });

  test('after a start, a ref is told of after fsyncs of its folder and those above, once', async () => {
    await refs.create(ref(), CONTENT);
    startAnew();
    expect(await refs.isDurable(ref())).toBe(true);
    expect(shortCalls()).toEqual(['syncFolder /refs/b', 'syncFolder /refs/b/a']);
    expect(await refs.isDurable(ref())).toBe(true);
    expect(await refs.isDurable(ref('2'))).toBe(true);
    expect(lanes.calls.length).toBe(2);
  });

  test('after a start, a new ref in folders of an earlier process', async () => {
    await refs.create(ref('1'), CONTENT);
    startAnew();
    expect(await refs.create(ref('1'), CONTENT)).toBe('exists');
    expect(shortCalls()).toEqual([
      'makeFolder /refs/b',
      'syncFolder /refs',
      'syncFolder /refs/b',
      'makeFolder /refs/b/a',
      'syncFolder /refs/b',
      'syncFolder /refs/b/a',
      'linkRef /tmp/',
      'syncFolder /refs/b/a',
    ]);
  });
});

describe('a ref whose commit is in flight', () => {
  test('is waited for, by readers and by other writers', async () => {
    await refs.create(ref('0'), CONTENT);
    const goOn = lanes.holdNext(`syncFolder ${folder()}`);
    const told: string[] = [];
    const first = refs.create(ref(), CONTENT).then((outcome) => told.push(`first ${outcome}`));
    await turns();
    expect(readFileSync(ref())).toEqual(CONTENT);
    const reader = refs.isDurable(ref()).then((answer) => told.push(`reader ${answer}`));
    const second = refs.create(ref(), CONTENT).then((outcome) => told.push(`second ${outcome}`));
    await turns();
    expect(told).toEqual([]);
    goOn();
    await Promise.all([first, reader, second]);
    expect(told.sort()).toEqual(['first created', 'reader true', 'second exists']);
  });

  test('a failed fsync undoes it: readers see nothing, a waiting writer takes its place', async () => {
    await refs.create(ref('0'), CONTENT);
    lanes.failNext(`syncFolder ${folder()}`, 'EIO');
    const first = codeOfRejection(refs.create(ref(), CONTENT));
    const second = refs.create(ref(), Buffer.from('second'));
    const before = refs.undone;
    expect(await first).toBe('unavailable');
    expect(refs.undone).toBe(before + 1);
    expect(await second).toBe('created');
    expect(readFileSync(ref(), 'utf8')).toBe('second');
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });

  test('a reader that waits for one that is undone is told so', async () => {
    await refs.create(ref('0'), CONTENT);
    const release = lanes.holdNext(`linkRef`);
    lanes.failNext(`syncFolder ${folder()}`, 'ENOSPC');
    const creating = codeOfRejection(refs.create(ref(), CONTENT));
    await turns();
    const reading = refs.isDurable(ref());
    release();
    expect(await creating).toBe('disk_full');
    expect(await reading).toBe(false);
    expect(readdirSync(folder())).toEqual(['0.json']);
  });

  test('one that can be neither made durable nor removed is spoken of to nobody', async () => {
    await refs.create(ref('0'), CONTENT);
    let fail = () => {};
    const failing = new Promise<void>((resolve) => {
      fail = resolve;
    });
    lanes.failNext(`syncFolder ${folder()}`, 'EIO', failing);
    const creating = codeOfRejection(refs.create(ref(), CONTENT));
    await turns();
    // A folder in its place, which unlink does not remove.
    rmSync(ref());
    mkdirSync(ref());
    fail();
    expect(await creating).toBe('unavailable');
    expect(await codeOfRejection(refs.isDurable(ref()))).toBe('unavailable');
    expect(await codeOfRejection(refs.create(ref(), CONTENT))).toBe('unavailable');
    expect(await refs.create(ref('2'), CONTENT)).toBe('created');
  });
});

describe('failures', () => {
  test('in every call in turn: the right code, no ref, no temporary file, and the next one works', async () => {
    const cases = [
      ['makeFolder', 'EACCES', 'unavailable'],
      ['syncFolder', 'EIO', 'unavailable'],
      ['makeFolder', 'ENOSPC', 'disk_full'],
      ['linkRef', 'EDQUOT', 'disk_full'],
      ['linkRef', 'EMFILE', 'unavailable'],
    ] as const;
    for (const [index, [call, code, expected]] of cases.entries()) {
      const path = join(root, 'refs', `b${index}`, 'a', '1.json');
      lanes.failNext(call, code);
      expect(await codeOfRejection(refs.create(path, CONTENT))).toBe(expected);
      expect(await refs.create(path, CONTENT)).toBe('created');
    }
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });

  test('a folder whose name could not be made durable is made anew', async () => {
    lanes.failNext(`syncFolder ${join(root, 'refs')}`, 'EIO');
    expect(await codeOfRejection(refs.create(ref(), CONTENT))).toBe('unavailable');
    expect(readdirSync(join(root, 'refs'))).toEqual([]);
    expect(await refs.create(ref(), CONTENT)).toBe('created');
  });

  test('folders that were removed behind our back are made again', async () => {
    await refs.create(ref('1'), CONTENT);
    rmSync(join(root, 'refs', 'b'), { recursive: true });
    expect(await codeOfRejection(refs.create(ref('2'), CONTENT))).toBe('unavailable');
    expect(await refs.create(ref('2'), CONTENT)).toBe('created');
  });

  test('a temporary file that cannot be removed is removed with the next one', async () => {
    const temps = new TempFiles(join(root, 'tmp'));
    const stubborn = temps.next();
    mkdirSync(stubborn);
    await temps.remove(stubborn);
    rmSync(stubborn, { recursive: true });
    writeFileSync(stubborn, '');
    await temps.remove(temps.next());
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });
});

describe('FolderSync', () => {
  test('callers that come while one runs share the one after it', async () => {
    let started = 0;
    let finish = () => {};
    const sync = new FolderSync(() => {
      started += 1;
      return new Promise((resolve) => {
        finish = resolve;
      });
    });
    const first = sync.sync('x');
    const others = Promise.all([sync.sync('x'), sync.sync('x'), sync.sync('x')]);
    await turns();
    expect(started).toBe(1);
    finish();
    await first;
    await turns();
    expect(started).toBe(2);
    finish();
    await others;
    expect(started).toBe(2);
  });

  test('a failure is that of its own callers', async () => {
    let count = 0;
    const sync = new FolderSync(async () => {
      count += 1;
      await nextTurn();
      if (count === 1) throw Object.assign(new Error('EIO'), { code: 'EIO' });
    });
    const first = codeOfRejection(sync.sync('x'));
    const second = sync.sync('x');
    expect(await first).toBe('EIO');
    await second;
    await sync.sync('x');
    expect(count).toBe(3);
  });
});
