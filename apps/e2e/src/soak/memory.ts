import { manyUploads } from '../artifacts/many-uploads.ts';
import { numberAt, type Soak } from './soak.ts';

const MIB = 2 ** 20;
const MOST_GROWTH_MIB = 96;

/** Large uploads, then downloads of all of them, at one time: what they cost the server in memory. */
export const memory: Soak = {
  name: 'memory',
  usage: '[uploads] [MiB each]',
  async run({ dataDir, args, tell }) {
    const uploads = numberAt(args, 0, 16);
    const mebibytes = numberAt(args, 1, 1_024);
    const { grownBy, seconds, broken } = await manyUploads({ dataDir, uploads, size: mebibytes * MIB });
    const grown = { uploading: grownBy.uploading / MIB, downloading: grownBy.downloading / MIB };
    for (const what of ['uploading', 'downloading'] as const) {
      const size = `${uploads} × ${mebibytes} MiB in ${seconds[what].toFixed(1)} s`;
      tell(`${what} ${size}: resident memory grew by ${grown[what].toFixed(1)} MiB at the most`);
    }
    const tooMuch = Object.entries(grown).filter(([, mib]) => mib > MOST_GROWTH_MIB);
    return [
      ...broken,
      ...tooMuch.map(([what, mib]) => `${what}: ${mib.toFixed(1)} MiB are over ${MOST_GROWTH_MIB}`),
    ];
  },
};
