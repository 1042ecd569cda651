// Cuts two versions of the same files by the same rule: how many bytes of the second are in no chunk of the first?
import { type ChunkingParameters, type CutOptions, chunkFile } from '@bhiv/artifact-registry';
import { perform, type Task } from '../processes/child.ts';

export interface NewChunksInput {
  /** Paths. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly parameters: ChunkingParameters;
  readonly options: CutOptions;
}

export interface NewChunksResult {
  readonly newBytes: number;
  /** Of the second version, new or not. */
  readonly chunks: number;
}

export type NewChunks = Task<NewChunksInput, NewChunksResult>;

await perform<NewChunks>(async ({ before, after, parameters, options }) => {
  const known = new Set<string>();
  for (const path of before) {
    for await (const { digest } of chunkFile(path, parameters, options)) known.add(digest);
  }
  let newBytes = 0;
  let chunks = 0;
  for (const path of after) {
    for await (const { digest, length } of chunkFile(path, parameters, options)) {
      chunks++;
      if (!known.has(digest)) newBytes += length;
      known.add(digest);
    }
  }
  return { newBytes, chunks };
});
