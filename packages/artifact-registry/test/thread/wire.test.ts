import { describe, expect, test } from '@jest/globals';
import { PACK_BYTES } from '../../src/manifest/tree.ts';
import { ReadBuffers } from '../../src/thread/read-buffers.ts';
import { errorOf, failureOf, HostError } from '../../src/thread/wire.ts';
import { TransferError } from '../../src/transfer-error.ts';

/** An error on the other side: what crosses is cloned. */
const across = (error: unknown, call?: number) => structuredClone(failureOf(error, call));

describe('an error that crosses to the other thread', () => {
  test('of ours is the same there', () => {
    const parts = { expected: 'sha256:a', found: 5, details: { path: 'a/b' }, cause: new Error('EIO') };
    const error = errorOf(across(new TransferError('digest_mismatch', 'damaged', parts)));
    expect(error).toBeInstanceOf(TransferError);
    expect(error).toMatchObject({ ...parts, code: 'digest_mismatch', message: 'damaged', cause: 'EIO' });
    expect('cause' in errorOf(across(new TransferError('aborted', 'over')))).toBe(false);
  });

  test('of the host names the call that threw it, and crosses back with it', () => {
    const failure = across(Object.assign(new Error('no connection'), { code: 'network' }), 7);
    const error = new HostError(failure);
    expect(error).toMatchObject({ message: 'no connection', code: 'network', call: 7 });
    expect(across(error)).toEqual(failure);
  });

  test('that nobody meant says that the thread failed', () => {
    expect(errorOf(across(new TypeError('x is not a function')))).toMatchObject({
      code: 'worker_failed',
      message: 'The thread that does the work failed: x is not a function.',
    });
    expect(errorOf(across(undefined)).message).toContain('undefined');
  });
});

describe('the memory for reads', () => {
  test('is used again once it is given back, and is never given twice', async () => {
    const buffers = new ReadBuffers();
    const one = await buffers.lend(10, async (into) => into);
    const two = await buffers.lend(PACK_BYTES, async (into) => into.subarray(0, 5));
    expect([one.byteLength, two.byteLength, one.buffer === two.buffer]).toEqual([10, 5, false]);
    buffers.release(one);
    buffers.release(one);
    const three = await buffers.lend(20, async (into) => into);
    const four = await buffers.lend(20, async (into) => into);
    expect([three.buffer === one.buffer, four.buffer === one.buffer]).toEqual([true, false]);
  });

  test('is free at once where a transport does not use it, or fails', async () => {
    const buffers = new ReadBuffers();
    const offered: ArrayBufferLike[] = [];
    const own = await buffers.lend(10, async (into) => {
      offered.push(into.buffer);
      return new Uint8Array(10);
    });
    buffers.release(own);
    const failing = buffers.lend(10, async (into) => {
      offered.push(into.buffer);
      throw new Error('no connection');
    });
    await expect(failing).rejects.toThrow('no connection');
    await buffers.lend(10, async (into) => {
      offered.push(into.buffer);
      return into;
    });
    expect(new Set(offered).size).toBe(1);
  });

  test('is of the length that was asked for, also beyond a pack', async () => {
    const bytes = await new ReadBuffers().lend(PACK_BYTES + 1, async (into) => into);
    expect(bytes.byteLength).toBe(PACK_BYTES + 1);
  });
});
