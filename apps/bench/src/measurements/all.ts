import type { Measurement } from '../measurement.ts';
import { artifactDownload } from './artifact-download.ts';
import { artifactMemory } from './artifact-memory.ts';
import { artifactScaling } from './artifact-scaling.ts';
import { artifactSlowClients } from './artifact-slow-clients.ts';
import { artifactSmall } from './artifact-small.ts';
import { artifactUpload } from './artifact-upload.ts';
import { callCost } from './call-cost.ts';
import { chunking } from './chunking.ts';
import { cpuBoundCore } from './cpu-bound-core.ts';
import { importCost } from './import-cost.ts';
import { memory } from './memory.ts';
import { outageCall } from './outage-call.ts';
import { publishFetch } from './publish-fetch.ts';
import { publishMemory } from './publish-memory.ts';
import { readScaling } from './read-scaling.ts';
import { refusedCall } from './refused-call.ts';
import { secondPublish } from './second-publish.ts';
import { writeRate } from './write-rate.ts';

/** Every measurement, in the order in which they are run and shown. */
export const MEASUREMENTS: readonly Measurement[] = [
  callCost,
  refusedCall,
  memory,
  cpuBoundCore,
  importCost,
  readScaling,
  writeRate,
  outageCall,
  artifactUpload,
  artifactDownload,
  artifactSmall,
  artifactMemory,
  artifactScaling,
  artifactSlowClients,
  secondPublish,
  publishFetch,
  chunking,
  publishMemory,
];
