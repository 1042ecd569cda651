// What the second publish of 1 GiB sends, with our chunks and with those of others, on the same files through the same
// code; and how quick cutting is. Needs the built package, 3 GiB of disk and some minutes:
//   node scripts/second-publish.mjs [MiB]
import { createCipheriv, createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHUNKING, chunkFile, publish, readManifest } from '@bhiv/artifact-registry';
import { FolderTransport } from '@bhiv/artifact-registry/testing';

const MIB = 1024 * 1024;
const KIB = 1024;
const TENSOR = 5 * MIB;
const total = Number(process.argv[2] ?? 1024) * MIB;

/** What a manifest costs for each chunk, in bytes. */
const CHUNK_ENTRY = 130;

const SCHEMES = {
  'ours: 512 KiB to 4 MiB, cut at tensors': [CHUNKING, { tensors: true }],
  'ours, not cut at tensors': [CHUNKING, { tensors: false }],
  'restic: 512 KiB to 8 MiB': [{ minBytes: 512 * KIB, maxBytes: 8 * MIB, maskBits: 20 }, { tensors: false }],
  'Xet: 8 to 128 KiB': [{ minBytes: 8 * KIB, maxBytes: 128 * KIB, maskBits: 16 }, { tensors: false }],
  'fixed: 1 MiB': [{ minBytes: MIB, maxBytes: MIB, maskBits: 1 }, { tensors: false }],
  'fixed: 32 MiB': [{ minBytes: 32 * MIB, maxBytes: 32 * MIB, maskBits: 1 }, { tensors: false }],
};

/** Bytes as good as random, the same for the same seed. */
function* noise(seed, length) {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  for (let left = length; left > 0; left -= MIB) yield cipher.update(Buffer.alloc(Math.min(MIB, left)));
}

async function write(path, pieces) {
  const file = createWriteStream(path);
  for (const piece of pieces) if (!file.write(piece)) await once(file, 'drain');
  file.end();
  await once(file, 'close');
}

/** A safetensors file of tensors of 5 MiB. `seedOf` gives the seed of each. */
function* safetensors(metadata, seedOf) {
  const count = Math.round(total / TENSOR);
  const header = { __metadata__: metadata };
  for (let index = 0; index < count; index += 1) {
    const data_offsets = [index * TENSOR, (index + 1) * TENSOR];
    header[`model.layers.${index}.weight`] = { dtype: 'BF16', shape: [TENSOR / 2], data_offsets };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.byteLength));
  yield length;
  yield text;
  for (let index = 0; index < count; index += 1) yield* noise(seedOf(index), TENSOR);
}

function* inserted() {
  yield* noise('inserted', KIB);
  yield* noise('unknown', total);
}

async function chunksOf(path, [parameters, options]) {
  const chunks = [];
  for await (const { digest, length } of chunkFile(path, parameters, options))
    chunks.push({ digest, length });
  return chunks;
}

/** Bytes of chunks that the first file does not have, and of the manifest; and how many chunks there are. */
async function sent(before, after, scheme) {
  const known = new Set((await chunksOf(before, scheme)).map(({ digest }) => digest));
  const chunks = await chunksOf(after, scheme);
  let bytes = chunks.length * CHUNK_ENTRY;
  for (const { digest, length } of chunks) {
    if (known.has(digest)) continue;
    known.add(digest);
    bytes += length;
  }
  return { bytes, chunks: chunks.length };
}

/** What really goes over the way to Bucket when both are published. */
async function published(folder, before, after) {
  const transport = new FolderTransport(join(folder, 'bucket'));
  const common = { transport, bucketId: 'b', logicalId: 'm', uploadedBy: 'bench', provenanceSource: 'bench' };
  try {
    const { digest } = await publish({ ...common, source: before, version: 'v1' });
    const first = transport.counts.bytesUp;
    const ref = { transport, bucketId: 'b', artifactId: 'm', version: 'v1', digest };
    const earlier = async () => [await readManifest(ref)];
    await publish({ ...common, source: after, version: 'v2', earlier });
    return transport.counts.bytesUp - first;
  } finally {
    rmSync(join(folder, 'bucket'), { recursive: true, force: true });
  }
}

const folder = mkdtempSync(join(tmpdir(), 'bhiv-second-publish-'));
const percent = (bytes) => `${((100 * bytes) / total).toFixed(3)} %`;
try {
  const [model, other] = [join(folder, 'model.safetensors'), join(folder, 'next')];
  const count = Math.round(total / TENSOR);
  const changed = Math.round(count / 20);
  const isChanged = (index) =>
    index % Math.floor(count / changed) === 7 && index / Math.floor(count / changed) < changed;
  const seedOf = (index) => `tensor ${index}`;
  const pairs = {
    [`safetensors, ${changed} of ${count} tensors of 5 MiB changed`]: {
      goal: `${percent(changed * TENSOR)} + 0.5`,
      write: async () => {
        await write(model, safetensors({}, seedOf));
        await write(
          other,
          safetensors({}, (index) => (isChanged(index) ? `trained ${index}` : seedOf(index))),
        );
      },
    },
    'safetensors, header grown by 1 KiB': {
      goal: '0.2 %',
      write: () => write(other, safetensors({ note: 'x'.repeat(KIB) }, seedOf)),
    },
    unchanged: { goal: '0.1 %', write: () => write(other, safetensors({}, seedOf)) },
    'unknown format, 1 KiB inserted at the head': {
      goal: '1 %',
      write: async () => {
        await write(model, noise('unknown', total));
        await write(other, inserted());
      },
    },
  };
  for (const [what, { goal, write: prepare }] of Object.entries(pairs)) {
    await prepare();
    console.log(`\n${what} (goal: ${goal} of ${statSync(other).size} bytes)`);
    console.log(
      `  ${'published, as it goes over the wire'.padEnd(44)} ${percent(await published(folder, model, other))}`,
    );
    for (const [name, scheme] of Object.entries(SCHEMES)) {
      const { bytes, chunks } = await sent(model, other, scheme);
      console.log(`  ${name.padEnd(44)} ${percent(bytes)}  (${chunks} chunks)`);
    }
  }

  console.log('\ncutting alone, file in the page cache, reads included');
  for (const [name, [parameters, options]] of Object.entries(SCHEMES).slice(0, 4)) {
    const { FileCutter } = await import('../dist/chunking/cut-file.js');
    const { closeSync, openSync } = await import('node:fs');
    const cutter = new FileCutter(parameters, options);
    const rates = [];
    for (let round = 0; round < 3; round += 1) {
      const file = openSync(model, 'r');
      const before = process.cpuUsage();
      let bytes = 0;
      for (const piece of cutter.cut(file, total)) bytes += piece.bytes.byteLength;
      const { user, system } = process.cpuUsage(before);
      closeSync(file);
      rates.push(bytes / 1e3 / (user + system));
    }
    console.log(`  ${name.padEnd(44)} ${Math.max(...rates).toFixed(2)} GB/s a core (CPU time)`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
