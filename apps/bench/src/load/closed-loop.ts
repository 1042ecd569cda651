import { Connection } from './connection.ts';

export interface ClosedLoopOptions {
  readonly url: string;
  readonly requests: readonly Buffer[];
  readonly connections: number;
  readonly warmUpMs: number;
  readonly countedMs: number;
}

/** Sends on each connection as soon as its last answer is there. Gives the answers a second; rejects where one is not 200. */
export async function closedLoop(options: ClosedLoopOptions): Promise<number> {
  const { url, requests, connections, warmUpMs, countedMs } = options;
  const countFrom = performance.now() + warmUpMs;
  const countUntil = countFrom + countedMs;
  let answered = 0;
  let next = 0;

  const keepBusy = async (connection: Connection) => {
    for (let now = performance.now(); now < countUntil; now = performance.now()) {
      const request = requests[next++ % requests.length];
      if (request === undefined) throw new Error('a closed loop needs requests');
      const status = await connection.exchange(request);
      if (status !== 200) throw new Error(`${url} answered ${status}`);
      if (now >= countFrom) answered += 1;
    }
    connection.close();
  };
  const opened = await Promise.all(Array.from({ length: connections }, () => Connection.open(url)));
  await Promise.all(opened.map(keepBusy));
  return (answered * 1000) / countedMs;
}
