import type { Socket } from 'node:net';

/** The life of one connection, in ms since 1970; `closed` is undefined while it is open. */
export interface SocketSpan {
  readonly opened: number;
  closed: number | undefined;
}

/** Every connection a server had, with the times of its open and close. */
export class SocketLog {
  readonly spans: SocketSpan[] = [];
  readonly #open = new Set<Socket>();
  #peak = 0;

  /** Records `socket` until it closes. An error of the socket is its end, never the server's. */
  watch(socket: Socket): void {
    const span: SocketSpan = { opened: Date.now(), closed: undefined };
    this.spans.push(span);
    this.#open.add(socket);
    // The client's end of an older connection may wait in the same turn of the event loop behind this
    // accept. Two turns later every close that came before it has been seen.
    setImmediate(() => setImmediate(() => this.#notePeak()));
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      span.closed = Date.now();
      this.#open.delete(socket);
    });
  }

  #notePeak(): void {
    this.#peak = Math.max(this.#peak, this.#open.size);
  }

  /** Connections open now. */
  get open(): number {
    return this.#open.size;
  }

  /** The most connections that were open at one time. */
  get peak(): number {
    return this.#peak;
  }

  /** Ends every open connection with a TCP reset, as the kernel does for a process that was killed. */
  resetAll(): void {
    for (const socket of this.#open) socket.resetAndDestroy();
  }
}
