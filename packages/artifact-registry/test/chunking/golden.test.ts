import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { chunkFile, type FileChunk } from '../../src/chunking/chunk-file.ts';
import { gearTable } from '../../src/chunking/gear.ts';
import { CHUNKING } from '../../src/chunking/parameters.ts';
import { bytesOf, Room, safetensorsWith, sha256 } from '../helpers/transfers.ts';

interface Vector {
  readonly description: string;
  readonly parameters: { readonly minBytes: number; readonly maxBytes: number; readonly maskBits: number };
  readonly input: {
    readonly parts: readonly {
      readonly shake256?: string;
      readonly repeated?: number;
      readonly bytes: number;
    }[];
    readonly safetensors_header?: object;
  };
  readonly digest: string;
  readonly chunks: readonly FileChunk[];
}

const { gear_table_digest: tableDigest, vectors }: { gear_table_digest: string; vectors: readonly Vector[] } =
  JSON.parse(readFileSync(new URL('../../vectors/chunking.json', import.meta.url), 'utf8'));

let room: Room;
beforeEach(() => {
  room = new Room();
});
afterEach(() => room.remove());

test('the table of the hash is the one that everything stored was cut with', () => {
  const bytes = Buffer.alloc(1024);
  for (const [index, word] of gearTable().entries()) bytes.writeInt32BE(word, index * 4);
  expect(sha256(bytes)).toBe(tableDigest);
});

test('there is a vector with the parameters of publish, and one with tensors', () => {
  expect(
    vectors.filter(({ parameters }) => parameters.maskBits === CHUNKING.maskBits).length,
  ).toBeGreaterThan(1);
  expect(vectors.some(({ parameters }) => JSON.stringify(parameters) === JSON.stringify(CHUNKING))).toBe(
    true,
  );
  expect(vectors.some(({ input }) => input.safetensors_header !== undefined)).toBe(true);
});

test.each(vectors)('$description', async ({ parameters, input, digest, chunks }) => {
  const bytes = bytesOfInput(input);
  expect(sha256(bytes)).toBe(digest);
  room.write('', { file: bytes });
  const found: FileChunk[] = [];
  for await (const chunk of chunkFile(room.at('file'), parameters)) found.push(chunk);
  expect(found).toEqual(chunks);
});

/** The recipe: parts one behind the other, each SHAKE-256 of a text or one byte repeated; in front perhaps a header. */
function bytesOfInput({ parts, safetensors_header: header }: Vector['input']): Buffer {
  const data = parts.map(({ shake256, repeated = 0, bytes }) =>
    shake256 === undefined ? Buffer.alloc(bytes, repeated) : bytesOf(shake256, bytes),
  );
  return header === undefined ? Buffer.concat(data) : safetensorsWith(JSON.stringify(header), data);
}
