import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Processes } from './processes.ts';

/** As Debian's package of that name calls it. */
const COMMAND = 'docker-registry';

export interface DockerRegistry {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** The configuration that its documentation gives for the file system, but for the folder and the address. */
const configuration = (folder: string) => `version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: ${JSON.stringify(folder)}
http:
  addr: 127.0.0.1:0
  headers:
    X-Content-Type-Options: [nosniff]
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
`;

/** Starts a docker-registry that keeps its blobs in an empty folder. Gives, in words, why that cannot be done here. */
export async function startDockerRegistry(
  processes: Processes,
  folder: string,
): Promise<DockerRegistry | string> {
  const file = join(folder, 'config.yml');
  await writeFile(file, configuration(join(folder, 'data')));
  const child = await processes.spawn(COMMAND, ['serve', file]).catch(unlessMissing);
  if (child?.stderr == null) return 'setpriv is not installed';
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stderr });
  const url = await Promise.race([
    new Promise<string>((resolve) => lines.on('line', (line) => listening(line, resolve))),
    ended.then(() => undefined),
  ]);
  if (url === undefined) return `${COMMAND} is not installed or does not start`;
  lines.close();
  child.stderr.resume(); // the log is read and dropped
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGKILL'); // what it holds is thrown away
      await ended;
    },
  };
}

function listening(line: string, tell: (url: string) => void): void {
  const address = /msg="listening on (127\.0\.0\.1:\d+)"/.exec(line)?.[1];
  if (address !== undefined) tell(`http://${address}`);
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
