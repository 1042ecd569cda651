import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from './connection.ts';

export interface OpenLoopOptions {
  readonly url: string;
  readonly requests: readonly Buffer[];
  readonly perSecond: number;
  readonly connections: number;
}

/** What a stretch of time brought. Latencies in ms, counted from the moment at which each request was due. */
export interface OpenLoopResult {
  readonly seconds: number;
  readonly latencies: Float64Array;
  readonly answered: number;
  /** Answers other than 200. */
  readonly refused: number;
}

/**
 * Sends at a fixed rate, whatever comes back: a request whose connections are all busy waits, and its latency counts
 * from when it was due. So a server that stalls is charged with everything that it kept waiting (no coordinated
 * omission).
 */
export class OpenLoop {
  readonly #options: OpenLoopOptions;
  /** Used in turn, so that none is idle for so long that the server closes it. */
  readonly #free: Connection[] = [];
  readonly #all: Connection[] = [];
  readonly #inFlight = new Set<Promise<void>>();
  #start = 0;
  #sent = 0;
  #isOver = false;
  #running: Promise<void> = Promise.resolve();
  #latencies: number[] = [];
  #refused = 0;
  #countingSince = 0;

  private constructor(options: OpenLoopOptions) {
    this.#options = options;
  }

  static async start(options: OpenLoopOptions): Promise<OpenLoop> {
    const loop = new OpenLoop(options);
    for (let i = 0; i < options.connections; i++) loop.#all.push(await Connection.open(options.url));
    loop.#free.push(...loop.#all);
    loop.#start = performance.now();
    loop.count();
    loop.#running = loop.#run();
    return loop;
  }

  /** Forgets what was counted so far: the warm-up is over. */
  count(): void {
    this.#latencies = [];
    this.#refused = 0;
    this.#countingSince = performance.now();
  }

  /** Stops sending, waits for the answers that are due, and gives what was counted. */
  async stop(): Promise<OpenLoopResult> {
    const seconds = (performance.now() - this.#countingSince) / 1000;
    this.#isOver = true;
    await this.#running;
    await Promise.all(this.#inFlight);
    for (const connection of this.#all) connection.close();
    const latencies = Float64Array.from(this.#latencies);
    return { seconds, latencies, answered: latencies.length, refused: this.#refused };
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      this.#sendDue();
      await sleep(1);
    }
  }

  #sendDue(): void {
    const { perSecond } = this.#options;
    const due = ((performance.now() - this.#start) * perSecond) / 1000;
    while (this.#sent < due && !this.#isOver) {
      const connection = this.#free.shift();
      if (connection === undefined) return;
      const exchange = this.#exchange(connection, this.#start + (this.#sent * 1000) / perSecond);
      this.#inFlight.add(exchange);
      void exchange.then(() => this.#inFlight.delete(exchange));
    }
  }

  async #exchange(connection: Connection, dueAt: number): Promise<void> {
    const { requests } = this.#options;
    const request = requests[this.#sent++ % requests.length];
    if (request === undefined) throw new Error('an open loop needs requests');
    const status = await connection.exchange(request);
    this.#latencies.push(performance.now() - dueAt);
    if (status !== 200) this.#refused += 1;
    this.#free.push(connection);
    this.#sendDue(); // what had to wait for a connection
  }
}
