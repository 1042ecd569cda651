import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRingMemory, RingReader, RingWriter, ringCapacity } from '../src/shared/ring.ts';

const MiB = 1024 * 1024;

function ring(bytes = 4096) {
  const memory = createRingMemory(bytes);
  return { writer: new RingWriter(memory), reader: new RingReader(memory) };
}

describe('the ring', () => {
  test('gives back what was pushed, in order, with deadline and timestamp', () => {
    const { writer, reader } = ring();
    expect(reader.peek()).toBeUndefined();
    expect(reader.take()).toBeUndefined();
    expect(writer.push('{"a":"é€😀"}', false, 17, MiB)).toBe('pushed');
    expect(writer.push('{}', true, 18, MiB)).toBe('pushed');
    expect(reader.peek()).toBe(17);
    expect(reader.take()).toEqual({
      hasTimestamp: false,
      deadline: 17,
      json: Buffer.from('{"a":"é€😀"}'),
    });
    expect(reader.take()).toEqual({ hasTimestamp: true, deadline: 18, json: Buffer.from('{}') });
    expect(reader.take()).toBeUndefined();
    expect(writer.usedBytes).toBe(0);
  });

  test('agrees with a plain queue through any sequence of pushes, takes and drops', () => {
    const step = fc.oneof(
      fc.record({ push: fc.string({ unit: 'binary', maxLength: 700 }) }),
      fc.record({ push: fc.integer({ min: 0, max: 1500 }).map((n) => 'x'.repeat(n)) }),
      fc.constant('take' as const),
      fc.constant('drop' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 50, maxLength: 200 }), (steps) => {
        const { writer, reader } = ring();
        const model: string[] = [];
        let pushed = 0;
        let left = 0;
        for (const next of steps) {
          if (typeof next === 'object') {
            const text = JSON.stringify(next.push); // as the client does: no lone surrogate is left
            if (writer.push(text, false, pushed, MiB) === 'pushed') {
              model.push(text);
              pushed += 1;
            }
          } else if (model.length > 0) {
            const expected = model.shift();
            left += 1;
            if (next === 'take') expect(reader.take()?.json.toString()).toBe(expected);
            else reader.drop();
          }
          expect(writer.holds(model.length, pushed)).toBe(true);
          expect(writer.holds(model.length + 1, pushed)).toBe(false);
          expect(writer.taken).toBe(left);
          expect(writer.usedBytes).toBeLessThanOrEqual(4096);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('refuses what does not fit, and takes it once there is room', () => {
    const { writer, reader } = ring();
    const kib = 'x'.repeat(1008);
    const results = [1, 2, 3, 4, 5].map(() => writer.push(kib, false, 0, MiB)); // a record is 1,024 bytes of 4,096
    expect(results).toEqual(['pushed', 'pushed', 'pushed', 'pushed', 'full']);
    reader.drop();
    expect(writer.push(kib, false, 0, MiB)).toBe('pushed');
    expect(writer.push(kib, false, 0, MiB)).toBe('full');
  });

  test('measures the limit in UTF-8 bytes', () => {
    const { writer } = ring();
    expect(writer.push('é'.repeat(50), false, 0, 100)).toBe('pushed');
    expect(writer.push('é'.repeat(51), false, 0, 100)).toBe('too_large');
    expect(writer.push('x'.repeat(101), false, 0, 100)).toBe('too_large');
  });

  test('owes one wake-up for each time the reader fell asleep, and never loses a record to sleep', () => {
    const { writer, reader } = ring();
    let sent = 0;
    const send = () => {
      sent += 1;
    };
    writer.wake(send);
    writer.wake(send);
    expect(sent).toBe(1);
    expect(reader.sleep()).toBe(true);
    writer.wake(() => {
      throw new Error('it cannot be sent');
    });
    writer.wake(send);
    expect(sent).toBe(2);
    writer.push('{}', false, 0, MiB);
    expect(reader.sleep()).toBe(false);
    writer.wake(send);
    expect(sent).toBe(2);
  });

  test('forgets what waits when it is reset, and goes on', () => {
    const { writer, reader } = ring();
    writer.push('{"old":1}', false, 0, MiB);
    writer.reset(1);
    expect(reader.peek()).toBeUndefined();
    reader.drop();
    expect(writer.holds(1, 1)).toBe(false);
    writer.push('{"new":1}', false, 0, MiB);
    expect(reader.take()?.json.toString()).toBe('{"new":1}');
  });

  test('has a power of two of bytes, and 4 KiB at the least', () => {
    expect([1, 4096, 4097, 8 * MiB, 9 * MiB].map(ringCapacity)).toEqual([
      4096,
      4096,
      8192,
      8 * MiB,
      16 * MiB,
    ]);
  });
});
