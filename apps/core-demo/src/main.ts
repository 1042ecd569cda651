#!/usr/bin/env node
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BucketClient } from '@bhiv/bucket-client';
import { pino } from 'pino';
import { HELP } from './cli.ts';
import { masked, readConfig, withoutCredentials } from './config.ts';
import { createCore, packageVersion } from './core.ts';
import { ConfigError, messageOf } from './errors.ts';
import { createHttpServer } from './http/http-server.ts';
import { isLoopback } from './http/local-only.ts';
import { Snapshots } from './snapshots/snapshots.ts';

/** How long a stop waits for requests in flight before it cuts them off, and then for events (ms). */
const DRAIN_MS = 5_000;
const FLUSH_MS = 2_000;

async function start(): Promise<void> {
  const { config, warnings } = readConfig(process.env);
  const timestamp = pino.stdTimeFunctions.isoTime;
  const log = pino({ level: config.logLevel, base: { service: 'core' }, timestamp });
  const client = new BucketClient({ url: config.bucketUrl, enabled: config.bucketEnabled });
  if (client.problem !== null) {
    throw new ConfigError([`BUCKET_URL is "${masked(config.bucketUrl)}": ${client.problem}`]);
  }

  const snapshots = new Snapshots(client, config, log);
  const server = createHttpServer(await createCore(config, client, log, await snapshots.begin()));
  const { address, family, port } = await listen(server, config.port, config.host);
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  log.info(
    { host: address, port, url, seed: config.seed, bucket_url: withoutCredentials(config.bucketUrl) },
    'Core listens',
  );
  for (const warning of warnings) log.warn(warning);
  if (!isLoopback(address)) {
    log.warn(
      { host: address },
      'Core is open to the network: anyone who reaches this address may send tasks',
    );
  }

  const stop = async (signal: string) => {
    log.info({ signal }, 'Core stops: finishing requests and events');
    await drain(server);
    await Promise.all([client.flush(FLUSH_MS), snapshots.end()]);
    const all = await client.close(FLUSH_MS);
    log.info({ all_events_settled: all, bucket_client: client.stats() }, 'Core stopped');
  };
  // The stop has deadlines of its own: further signals change nothing.
  let stopping = false;
  const onSignal = (signal: string) => {
    if (stopping) return;
    stopping = true;
    void stop(signal);
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
}

async function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw new ConfigError([`Core cannot listen on ${host} port ${port}: ${listenAdvice(error)}`]);
  }
  // A server that listens on host and port has an address of this shape.
  return server.address() as AddressInfo;
}

function listenAdvice(error: unknown): string {
  const taken = typeof error === 'object' && error !== null && 'code' in error && error.code === 'EADDRINUSE';
  return taken ? 'another program listens there; set CORE_PORT to a free port' : messageOf(error);
}

/** Takes no more requests and lets those in flight finish, but not for ever. */
function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cutOff = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.close(() => {
      clearTimeout(cutOff);
      resolve();
    });
  });
}

/** Does what the command line asks for: starts Core when it is empty. */
async function run(args: readonly string[]): Promise<void> {
  const [first] = args;
  if (first === undefined) return start();
  if (first === '--help') return void process.stdout.write(HELP);
  if (first === '--version') return void process.stdout.write(`${await packageVersion()}\n`);
  console.error(`Core knows no argument "${first}"; see --help`);
  process.exitCode = 2;
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
