import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.mjs';
import { portOf, whyNotListen } from '../lib/ports.mjs';
import { answers, Service } from '../lib/service.mjs';
import { StepFailed } from '../lib/step.mjs';
import { installAndBuild } from '../lib/tools.mjs';

/** How long a service may take until it answers (ms). */
const READY_MS = 30_000;

/** Installs, builds, starts Bucket and Core, says where to look, and runs until Ctrl-C or until one of them ends. */
export async function start() {
  await refuseTakenPorts(placesOf(process.env));
  const { env } = await installAndBuild();
  return serve(env);
}

/** Runs the built Bucket and Core. Gives the exit status: 0 when both were asked to stop and stopped well. */
export async function serve(env) {
  const places = placesOf(env);
  await refuseTakenPorts(places);
  // From here on a signal is a wish to stop, not the end of this process.
  const stopWish = wishToStop();
  const bucket = new Service('bucket', 'apps/bucket-server/dist/main.js', bucketEnv(env, places));
  const core = new Service('core', 'apps/core-demo/dist/main.js', coreEnv(env, places));
  const oneEnded = Promise.race(
    [bucket, core].map(async (service) => `${service.name} ${await service.ended}`),
  );
  const over = Promise.race([stopWish, oneEnded]);

  const ready = await Promise.all([
    answers(`${places.bucket.url}/health`, READY_MS, over),
    answers(`${places.core.url}/health`, READY_MS, over),
  ]);
  if (ready.every(Boolean)) console.log(whereToLook(places));
  const trouble = ready.every(Boolean) ? await over : await Promise.race([over, notReady(ready)]);
  if (trouble !== undefined) console.error(`\n${trouble}; stopping`);
  else console.log('\nStopping Core, then Bucket');
  // Core first: the events that it still holds go to a Bucket that is there.
  const stopped = [await core.stop(), await bucket.stop()];
  if (trouble !== undefined || stopped.includes(false)) return 1;
  console.log('Both stopped');
  return 0;
}

/** Resolves at the first signal; further ones change nothing, so that an impatient Ctrl-C leaves no orphans. */
function wishToStop() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(undefined));
  });
}

function placesOf(env) {
  const place = (name, usual) => {
    const host = env[`${name}_HOST`] || '127.0.0.1';
    const port = portOf(`${name}_PORT`, usual, env);
    const called = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
    return {
      host,
      port,
      url: `http://${isIPv6(called) ? `[${called}]` : called}:${port}`,
      variable: `${name}_PORT`,
    };
  };
  return { bucket: place('BUCKET', 8001), core: place('CORE', 8002) };
}

async function refuseTakenPorts({ bucket, core }) {
  const reasons = await Promise.all(
    [bucket, core].map(({ host, port, variable }) => whyNotListen(host, port, variable)),
  );
  const given = reasons.filter((reason) => reason !== undefined);
  if (given.length > 0) throw new StepFailed('start', 1, given.join('; '));
}

function bucketEnv(env, { bucket }) {
  const dataDir = env.BUCKET_DATA_DIR || join(ROOT, 'data/bucket');
  return { ...env, BUCKET_PORT: String(bucket.port), BUCKET_DATA_DIR: dataDir };
}

function coreEnv(env, { bucket, core }) {
  const { BUCKET_URL: bucketUrl = bucket.url, CORE_DATA_DIR: dataDir = join(ROOT, 'data/core') } = env;
  return { ...env, CORE_PORT: String(core.port), CORE_DATA_DIR: dataDir, BUCKET_URL: bucketUrl };
}

async function notReady([bucketReady, coreReady]) {
  const late = [...(bucketReady ? [] : ['Bucket']), ...(coreReady ? [] : ['Core'])];
  return `${late.join(' and ')} did not answer /health within ${READY_MS / 1000} s`;
}

function whereToLook({ bucket, core }) {
  return `
Core and Bucket run. Ctrl-C stops both.

  Bucket   ${bucket.url}/health
           ${bucket.url}/core/stats
           ${bucket.url}/core/events?limit=10
  Core     ${core.url}/health
           ${core.url}/config

Give Core a task, then look at Bucket's events:

  curl -s ${core.url}/handle_task -H 'Content-Type: application/json' \\
    -d '{"input": "Bucket keeps events. Core sends events to Bucket. Cats sleep all day long. Core never waits for Bucket.", "tags": ["summary"]}'
`;
}
