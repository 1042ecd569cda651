#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { warmUp } from '@bhiv/contracts/validators';
import { ObjectStoreOpenError } from './artifact-store/object-store.ts';
import { type Bucket, startBucket } from './bucket.ts';
import { ConfigError, readConfig } from './config.ts';
import { EventStoreOpenError } from './event-store/event-store.ts';
import { fsckCommand } from './fsck/command.ts';
import { type BucketLog, createLog } from './logger.ts';

const HELP = `bucket-server: the events and the artifacts of BHIV

Usage: bucket-server [--help] [--version]
       bucket-server fsck [--remove-orphans] [--json] [--help]

Without a command it serves; fsck reads every stored artifact and says what is wrong.
Everything is set by environment variables:
  BUCKET_HOST                address to listen on                         127.0.0.1
  BUCKET_PORT                port, 0 for any free one                     8001
  BUCKET_DATA_DIR            folder that holds the data                   ./data
  BUCKET_MAX_EVENT_BYTES     the largest event, such as 64KiB or 1MiB     1MiB
  BUCKET_MAX_ARTIFACT_BYTES  the largest artifact, such as 500MiB, 5GiB   5GiB
  BUCKET_VERIFY_ON_READ      false: artifacts are sent unchecked          true
  BUCKET_SCRUB               all artifacts are read once in so many days  off
  BUCKET_LOG_LEVEL           fatal, error, warn, info, debug, trace       info
  BUCKET_ALLOWED_HOSTS       more names for Host and Origin headers
  BUCKET_BEHIND_GATEWAY      true: BUCKET_HOST may be an open address     false

SIGTERM and SIGINT stop it after what is in flight; a second one stops it at once.
`;

/** All of the stopping together takes at most this long. */
const STOP_WITHIN_MS = 9000;

/** How long the end waits for the last log lines to be written. */
const LOG_WITHIN_MS = 500;

async function main(): Promise<void> {
  process.umask(0o077); // what is stored is for the user who runs Bucket
  const [command, ...rest] = process.argv.slice(2);
  if (command === 'fsck') {
    const { env, stdout, stderr } = process;
    process.exitCode = await fsckCommand({ args: rest, env, stdout, stderr });
    return;
  }
  const { values } = parseArgs({ options: { help: { type: 'boolean' }, version: { type: 'boolean' } } });
  if (values.help) return void process.stdout.write(HELP);
  if (values.version) return void process.stdout.write(`${version()}\n`);

  const { config, warnings } = readConfig(process.env);
  const bucketLog = createLog(config.logLevel);
  const { log } = bucketLog;
  for (const warning of warnings) log.warn(warning);
  warmUp(['write-event-envelope', 'event-data', 'upload-headers', 'get-artifact-query', 'artifact-name']);
  const bucket = await startBucket(config, log);
  stopOnSignals(bucket, bucketLog);
  const { host, port, url } = bucket;
  const { dataDir: data_dir } = config;
  log.info(
    { host, port, url, data_dir, version: version() },
    `Bucket listens on ${url} and keeps its data in ${data_dir}`,
  );
}

function stopOnSignals(bucket: Bucket, { log, flush }: BucketLog): void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (isStopping) void exit(1, flush);
    isStopping = true;
    log.info({ signal }, 'stopping: what is in flight is finished first');
    setTimeout(() => {
      log.fatal('stopping takes too long: some requests in flight have no answer');
      void exit(1, flush);
    }, STOP_WITHIN_MS).unref();
    void bucket.stop().then(() => {
      log.info('stopped');
      void exit(0, flush);
    });
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
}

/** Ends the process. Its regular end waits for the last write, so where the log's reader has stalled, it is killed. */
async function exit(status: number, flush: BucketLog['flush']): Promise<void> {
  if (!(await flush(LOG_WITHIN_MS))) process.kill(process.pid, 'SIGKILL');
  process.exit(status);
}

/** What kept Bucket from starting, in words for the person who starts it. */
function explain(error: unknown): string {
  const saysItAll =
    error instanceof ConfigError ||
    error instanceof EventStoreOpenError ||
    error instanceof ObjectStoreOpenError;
  if (saysItAll) return error.message;
  const { code, message, stack } = error as NodeJS.ErrnoException; // what Node and its libraries throw
  const { BUCKET_HOST: host = '127.0.0.1', BUCKET_PORT: port = '8001' } = process.env;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use: stop what listens there (another Bucket?), or set BUCKET_PORT to another port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine has no address ${host}: set BUCKET_HOST to one of its own.`;
    case 'EACCES':
      return `This user may not listen on port ${port}: set BUCKET_PORT to one above 1023.`;
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL':
      return `${message}\n\n${HELP}`;
    default:
      return stack ?? String(error);
  }
}

function version(): string {
  // Our own package.json has one.
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

main().catch((error: unknown) => {
  process.stderr.write(`bucket-server cannot start. ${explain(error)}\n`);
  process.exitCode = 1;
});
