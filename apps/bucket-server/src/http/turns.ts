import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** So many requests may wait behind the one that is being answered; a connection that sends more is broken. */
const MAX_WAITING = 2000;

/**
 * The requests of a connection take turns: one is begun when the answer to the one before it has ended, and while any
 * wait nothing more is read. So a client that sends many without waiting (HTTP pipelining) holds no more than one that
 * waits, and what it has not been answered when it goes away is never begun.
 */
export class Turns {
  readonly #waiting = new WeakMap<Socket, (() => void)[]>();

  /** Runs `begin` when its turn has come; its turn ends when `response` closes. */
  take(socket: Socket, response: ServerResponse, begin: () => void): void {
    this.after(socket, () => {
      response.once('close', () => this.#next(socket));
      begin();
    });
  }

  /** Runs `last` when every request that came before has been answered. Nothing follows it. */
  after(socket: Socket, last: () => void): void {
    const waiting = this.#waiting.get(socket);
    if (waiting === undefined) {
      this.#waiting.set(socket, []);
      last();
      return;
    }
    waiting.push(last);
    socket.pause();
    if (waiting.length > MAX_WAITING) socket.destroy();
  }

  #next(socket: Socket): void {
    const waiting = this.#waiting.get(socket);
    const next = waiting?.shift();
    if (waiting?.length === 0) socket.resume();
    if (next === undefined) this.#waiting.delete(socket);
    else if (!socket.destroyed) next();
  }
}
