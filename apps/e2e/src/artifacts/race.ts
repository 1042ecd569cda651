import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage } from 'node:http';
import { withBucket } from '../processes/with-bucket.ts';
import { bytesFrom, digestOf } from './bytes.ts';
import { storedFiles } from './data-folder.ts';
import { download, listVersions } from './download.ts';
import { unsound } from './fsck.ts';
import { openUpload, readText, type UploadAnswerBody } from './upload.ts';

export interface RaceOptions {
  readonly dataDir: string;
  readonly rounds: number;
  /** Clients that put to one version at one time. @default 64 */
  readonly clients?: number;
  readonly onRound?: (summary: RaceSummary) => void;
}

/** What the race came to. `broken` is empty when every round had one winner, whose bytes are stored. */
export interface RaceSummary {
  rounds: number;
  won: number;
  lost: number;
  readonly broken: string[];
}

/** Sizes of bodies, one a round, in turn: in memory, over several pieces, through a temporary file from the start. */
const SIZES = [1, 4_096, 200, 70_000];

/**
 * Has `clients` put different bytes to one version, over and over, each time a new one. All of a round hold their last
 * byte back until everybody is there, so that all of them are past the check for an existing version.
 */
export async function race(options: RaceOptions): Promise<RaceSummary> {
  const { dataDir, rounds, clients = 64, onRound = () => {} } = options;
  const summary: RaceSummary = { rounds: 0, won: 0, lost: 0, broken: [] };
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  await withBucket({ dataDir }, async (bucket) => {
    while (summary.rounds < rounds) {
      await runRound({ url: bucket.url, agent, clients, summary });
      summary.rounds += 1;
      onRound(summary);
    }
    agent.destroy();
    const { temps } = await storedFiles(dataDir);
    summary.broken.push(...temps.map((path) => `left behind: ${path}`));
    const { code } = await bucket.stop();
    if (code !== 0) summary.broken.push(`after SIGTERM it ended with ${code}`);
  });
  summary.broken.push(...(await unsound(dataDir)));
  return summary;
}

interface Round {
  readonly url: string;
  readonly agent: Agent;
  readonly clients: number;
  readonly summary: RaceSummary;
}

interface Racer {
  readonly digest: string;
  readonly status: number | undefined;
  readonly body: UploadAnswerBody;
}

async function runRound({ url, agent, clients, summary }: Round): Promise<void> {
  const round = summary.rounds;
  const name = { bucketId: 'race', artifactId: `a${round % 7}`, version: `v${round}` };
  const size = SIZES[round % SIZES.length] ?? 1;
  const starts = Array.from({ length: clients }, (_, client) => {
    // A body of one byte has 256 values only: the client's number is one of them.
    const bytes = size === 1 ? Buffer.of(client) : bytesFrom(`${round}-${client}`, size);
    const outgoing = openUpload(url, { name, body: bytes, agent });
    const answer = once(outgoing, 'response');
    answer.catch(() => undefined); // awaited below, and may come before that
    return { bytes, digest: digestOf(bytes), outgoing, answer };
  });
  await Promise.all(starts.map(({ bytes, outgoing }) => sendAllButTheLastByte(outgoing, bytes)));
  const racers = await Promise.all(
    starts.map(async ({ bytes, digest, outgoing, answer }): Promise<Racer> => {
      outgoing.end(bytes.subarray(-1));
      const [response]: IncomingMessage[] = await answer;
      if (response === undefined) throw new Error('no response');
      return { digest, status: response.statusCode, body: JSON.parse(await readText(response)) };
    }),
  );
  const winners = racers.filter(({ status }) => status === 201);
  const [winner] = winners;
  if (winner === undefined || winners.length > 1) {
    summary.broken.push(`${name.version}: ${winners.length} winners`);
    return;
  }
  summary.won += 1;
  const right = racers.filter((racer) => racer !== winner && isRightConflict(racer, winner.digest));
  summary.lost += right.length;
  if (right.length !== clients - 1)
    summary.broken.push(`${name.version}: ${JSON.stringify(wrong(racers, right))}`);

  const stored = await download(url, name);
  if (stored.status !== 200 || !stored.endedWell || stored.digest !== winner.digest || stored.size !== size)
    summary.broken.push(`${name.version}: ${JSON.stringify(stored)}, and ${winner.digest} won`);
  const listed = (await listVersions(url, name)).filter(({ version }) => version === name.version);
  if (listed.length !== 1 || listed[0]?.digest !== winner.digest)
    summary.broken.push(`${name.version}: listed as ${JSON.stringify(listed)}, and ${winner.digest} won`);
}

/** Resolves when the bytes are on their way, or nothing more can be sent. */
async function sendAllButTheLastByte(outgoing: ClientRequest, bytes: Buffer): Promise<void> {
  outgoing.flushHeaders();
  if (bytes.length > 1) outgoing.write(bytes.subarray(0, -1));
  if (outgoing.socket === null) await once(outgoing, 'socket');
  if (outgoing.socket?.connecting) await once(outgoing.socket, 'connect');
}

function isRightConflict({ digest, status, body }: Racer, winner: string): boolean {
  const { code, details, message } = body.error ?? {};
  return (
    status === 409 &&
    code === 'version_exists' &&
    details?.digest === winner &&
    details.identical === (digest === winner) &&
    message !== ''
  );
}

/** One example of an answer that is neither the winner's nor a right conflict. */
function wrong(racers: readonly Racer[], right: readonly Racer[]): Racer | undefined {
  return racers.find((racer) => racer.status !== 201 && !right.includes(racer));
}
