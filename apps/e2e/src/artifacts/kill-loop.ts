import { killWhileStarting } from '../durability/kill-while-starting.ts';
import { randomNumbers } from '../durability/random.ts';
import type { BucketProcess } from '../processes/bucket-process.ts';
import { withBucket } from '../processes/with-bucket.ts';
import type { Entry } from './artifact-ledger.ts';
import { storedFiles } from './data-folder.ts';
import { download, getText, listVersions } from './download.ts';
import { unsound } from './fsck.ts';
import { KillClients } from './kill-clients.ts';

export interface ArtifactKillLoopOptions {
  readonly dataDir: string;
  readonly rounds: number;
  /** Clients that upload at one time. @default 8 */
  readonly clients?: number;
  /** Seed of the uploads and of the moments of the kills; what the clock adds is not repeated. @default 1 */
  readonly seed?: number;
  /** A run of fsck after so many kills, and one at the end. @default 25 */
  readonly fsckEvery?: number;
  readonly onRound?: (summary: ArtifactKillSummary) => void;
}

/** What the loop came to. `broken` is empty when every promise of CONTRACT B1 to B3 was kept. */
export interface ArtifactKillSummary {
  rounds: number;
  /** Kills that hit a Bucket before it listened: in its recovery of the kill before. */
  killedAtStart: number;
  acknowledged: number;
  /** 409s, of which each speaks of a version that is stored. */
  conflicts: number;
  unanswered: number;
  /** Versions that are there though nobody was told so: the answer got lost. */
  storedUnanswered: number;
  /** Temporary files that the kills left for the next start to remove. */
  temps: number;
  /** Bytes that were sent. */
  bytes: number;
  readonly broken: string[];
}

/** A kill comes after at most so many bytes of a round, over all clients. */
const MOST_BYTES = 16 * 2 ** 20;
/** One round in so many has small bodies only, and at most so many bytes: it is about commits. */
const SMALL_ROUNDS = 3;
const MOST_SMALL_BYTES = 128 * 2 ** 10;
/** A kill that aims at a commit comes within so many ms of the last byte of a body. */
const COMMIT_MS = 12;
const START_KILLS = 5;

/**
 * Kills a Bucket with SIGKILL, `rounds` times, under uploading clients: at a random byte of what they send, or shortly
 * after the last byte of a body. Holds what can be read after every restart against what was said, and the whole at
 * the end: nothing acknowledged is lost or changed, nothing partial can be seen, fsck is content, no temporary file
 * outlives the next start.
 */
export async function artifactKillLoop(options: ArtifactKillLoopOptions): Promise<ArtifactKillSummary> {
  const { dataDir, rounds, clients: count = 8, seed = 1, fsckEvery = 25, onRound = () => {} } = options;
  const random = randomNumbers(seed);
  const clients = new KillClients(random);
  const { ledger } = clients;
  const summary: ArtifactKillSummary = {
    rounds: 0,
    killedAtStart: 0,
    acknowledged: 0,
    conflicts: 0,
    unanswered: 0,
    storedUnanswered: 0,
    temps: 0,
    bytes: 0,
    broken: ledger.broken,
  };
  while (summary.rounds < rounds) {
    if (summary.rounds % START_KILLS === START_KILLS - 1) {
      summary.killedAtStart += await killWhileStarting(dataDir, random);
    }
    const isSmall = summary.rounds % SMALL_ROUNDS === 0;
    const most = isSmall ? MOST_SMALL_BYTES : MOST_BYTES;
    await withBucket({ dataDir }, async (bucket) => {
      await checkRestart(bucket, dataDir, clients, summary);
      clients.newRound(isSmall);
      await uploadUntilKilled(bucket, clients, { count, random, most });
    });
    summary.rounds += 1;
    summary.temps += (await storedFiles(dataDir)).temps.length;
    if (summary.rounds % fsckEvery === 0) summary.broken.push(...(await unsound(dataDir)));
    Object.assign(summary, {
      acknowledged: ledger.acknowledged,
      conflicts: ledger.conflicts,
      unanswered: ledger.unanswered,
      bytes: clients.sentBytes,
    });
    onRound(summary);
  }
  await withBucket({ dataDir }, async (last) => {
    await checkRestart(last, dataDir, clients, summary);
    await checkEntries(last.url, clients, [...ledger.entries.values()]);
    const { code } = await last.stop();
    if (code !== 0) summary.broken.push(`after SIGTERM it ended with ${code}`);
  });
  summary.broken.push(...(await unsound(dataDir)));
  return summary;
}

interface Round {
  readonly count: number;
  readonly random: () => number;
  /** The kill comes after so many bytes at the most. */
  readonly most: number;
}

async function uploadUntilKilled(
  bucket: BucketProcess,
  clients: KillClients,
  { count, random, most }: Round,
): Promise<void> {
  const from = clients.sentBytes;
  // Low numbers more often: the first bytes of an artifact are the ones that make folders.
  const killAt = most * random() ** 2;
  const aimsAtCommit = random() < 0.5;
  const delay = random() * COMMIT_MS;
  clients.onProgress = (progress) => {
    if (clients.sentBytes - from < killAt) return;
    if (!aimsAtCommit) bucket.kill('SIGKILL');
    else if (progress === 'ended') setTimeout(() => bucket.kill('SIGKILL'), delay);
  };
  const running = Array.from({ length: count }, (_, client) => clients.run(bucket.url, client));
  await Promise.all([bucket.end, ...running]);
}

/** A restart after a kill is clean, and every version that was sent in the last round is all there or not at all. */
async function checkRestart(
  bucket: BucketProcess,
  dataDir: string,
  clients: KillClients,
  summary: ArtifactKillSummary,
): Promise<void> {
  const { broken } = summary;
  const { temps, others } = await storedFiles(dataDir);
  broken.push(...temps.map((path) => `after a restart there is still ${path}`));
  broken.push(...others.filter(isUnknown).map((path) => `after a restart there is ${path}`));
  const health = await getText(`${bucket.url}/health`);
  if (health.status !== 200) broken.push(`/health after a restart: ${health.status} ${health.text}`);
  broken.push(...bucket.complaints.map((line) => `log after a restart: ${JSON.stringify(line)}`));

  const entries = [...clients.touched];
  const unknown = entries.filter(({ stored }) => stored === undefined);
  await checkEntries(bucket.url, clients, entries);
  summary.storedUnanswered += unknown.filter(({ stored }) => stored !== undefined).length;
}

function isUnknown(path: string): boolean {
  return !path.endsWith('/layout-version') && !path.endsWith('/bucket.lock');
}

async function checkEntries(url: string, { ledger }: KillClients, entries: readonly Entry[]): Promise<void> {
  for (const entry of entries) ledger.read(entry, await download(url, entry.name));
  const artifacts = new Map(entries.map(({ name }) => [`${name.bucketId}/${name.artifactId}`, name]));
  for (const artifact of artifacts.values()) ledger.listed(artifact, await listVersions(url, artifact));
}
