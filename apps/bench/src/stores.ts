import type { Downloads } from './children/downloads.ts';
import type { TransfersInput, Uploads } from './children/uploads.ts';
import type { BlobServer } from './load/blob-server.ts';
import type { Context } from './measurement.ts';
import { startBucket } from './processes/bucket-process.ts';
import { startDockerRegistry } from './processes/docker-registry.ts';

/** A server that keeps artifacts in a folder of its own; all of them are on the disk of TMPDIR. */
export interface Store {
  readonly server: BlobServer;
  readonly folder: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export async function startBucketStore(
  { processes, temporaryFolder }: Context,
  settings: Readonly<Record<string, string>> = {},
): Promise<Store> {
  const folder = await temporaryFolder();
  const { url, pid, stop } = await startBucket(processes, folder, settings);
  return { server: { kind: 'bucket', url }, folder, pid, stop };
}

/** Gives, in words, why there is no docker-registry here. */
export async function startRegistryStore({ processes, temporaryFolder }: Context): Promise<Store | string> {
  const folder = await temporaryFolder();
  const registry = await startDockerRegistry(processes, folder);
  if (typeof registry === 'string') return registry;
  const { url, pid, stop } = registry;
  return { server: { kind: 'docker-registry', url }, folder, pid, stop };
}

/** What a reader is told of docker-registry: which one it was, or why it is not there. */
export function registryNote(registry: Store | string): string {
  if (typeof registry === 'string') return `The rows of docker-registry are missing: ${registry}.`;
  return 'docker-registry is the one of Debian’s package, with the configuration that its documentation gives for the file system; a push is POST, then one PUT with all of the bytes. It fsyncs files but no folder, so a name may be lost in a power cut.';
}

/** Uploads, by a process of its own; gives the ms that they took. */
export function upload({ processes }: Context, input: TransfersInput): Promise<number> {
  return processes.run<Uploads>(new URL('./children/uploads.js', import.meta.url), input);
}

/** Downloads in the same way. */
export function download({ processes }: Context, input: TransfersInput): Promise<number> {
  return processes.run<Downloads>(new URL('./children/downloads.js', import.meta.url), input);
}
