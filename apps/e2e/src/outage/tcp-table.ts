import { readFile } from 'node:fs/promises';
import type { SocketSpan } from '../faults/socket-log.ts';

/** States in which the kernel shows a socket that a client still holds (include/net/tcp_states.h). */
const HELD = new Set(['01', '02', '08']); // ESTABLISHED, SYN_SENT, CLOSE_WAIT
const PERIOD_MS = 10;

/**
 * The client's sockets towards one port, read from the kernel's table every 10 ms. For faults whose server
 * never sees a connection. Linux only: elsewhere `start` resolves to undefined.
 */
export class TcpTable {
  readonly spans: SocketSpan[] = [];
  readonly #port: string;
  readonly #ignored: ReadonlySet<number>;
  readonly #open = new Map<string, SocketSpan>();
  #peak = 0;
  #watching = true;

  private constructor(port: number, ignored: ReadonlySet<number>) {
    this.#port = hexPort(port);
    this.#ignored = ignored;
  }

  static async start(port: number, ignored: ReadonlySet<number>): Promise<TcpTable | undefined> {
    if (process.platform !== 'linux') return undefined;
    const table = new TcpTable(port, ignored);
    void table.#watch();
    return table;
  }

  get peak(): number {
    return this.#peak;
  }

  stop(): void {
    this.#watching = false;
  }

  async #watch(): Promise<void> {
    while (this.#watching) {
      this.#compare(await readFile('/proc/net/tcp', 'utf8'));
      await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
    }
  }

  #compare(text: string): void {
    const now = Date.now();
    const held = new Set<string>();
    for (const line of text.split('\n').slice(1)) {
      const [, local = '', remote = '', state = ''] = line.trim().split(/\s+/);
      if (!remote.endsWith(this.#port) || !HELD.has(state)) continue;
      if (!this.#ignored.has(Number.parseInt(local.slice(-4), 16))) held.add(local);
    }
    for (const local of held) {
      if (this.#open.has(local)) continue;
      const span: SocketSpan = { opened: now, closed: undefined };
      this.#open.set(local, span);
      this.spans.push(span);
    }
    for (const [local, span] of this.#open) {
      if (held.has(local)) continue;
      span.closed = now;
      this.#open.delete(local);
    }
    this.#peak = Math.max(this.#peak, this.#open.size);
  }
}

function hexPort(port: number): string {
  return `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}
