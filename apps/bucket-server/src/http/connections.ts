import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** So many requests may wait behind the one that is being answered; a connection that sends more is broken. */
const MAX_WAITING = 2000;

type Connection = {
  readonly socket: Socket;
  isTaken: boolean;
  answering: ServerResponse | undefined;
  readonly waiting: (() => void)[];
};

/**
 * The open connections, and what each is answering.
 *
 * The requests of a connection take turns: one is begun when the answer to the one before it has ended, and while any
 * wait nothing more is read. So a client that sends many without waiting (HTTP pipelining) holds no more than one that
 * waits, and what it has not been answered when it goes away is never begun.
 *
 * Nothing here is added to a map or set for each request: one that changes so often leaves a chain of dead tables,
 * through which V8 keeps a third of all requests alive until the next full collection.
 */
export class Connections {
  readonly #all = new Map<Socket, Connection>();

  add(socket: Socket): void {
    this.#all.set(socket, { socket, isTaken: false, answering: undefined, waiting: [] });
    socket.once('close', () => this.#all.delete(socket));
  }

  get sockets(): Iterable<Socket> {
    return this.#all.keys();
  }

  /** What this connection is being answered; undefined while it is idle. */
  answering(socket: Socket): ServerResponse | undefined {
    return this.#all.get(socket)?.answering;
  }

  /** Runs `begin` when its turn has come; its turn ends when `response` closes. */
  take(socket: Socket, response: ServerResponse, begin: () => void): void {
    this.#after(socket, (connection) => {
      connection.answering = response;
      response.once('close', () => next(connection));
      begin();
    });
  }

  /** Runs `last` when every request that came before has been answered. Nothing follows it. */
  after(socket: Socket, last: () => void): void {
    this.#after(socket, last);
  }

  #after(socket: Socket, run: (connection: Connection) => void): void {
    const connection = this.#all.get(socket);
    if (connection === undefined) return; // it is closed: nobody would hear an answer
    if (!connection.isTaken) {
      connection.isTaken = true;
      run(connection);
      return;
    }
    connection.waiting.push(() => run(connection));
    socket.pause();
    if (connection.waiting.length > MAX_WAITING) socket.destroy();
  }
}

function next(connection: Connection): void {
  const { socket, waiting } = connection;
  connection.answering = undefined;
  const begin = waiting.shift();
  if (waiting.length === 0) socket.resume();
  if (begin === undefined) connection.isTaken = false;
  else if (!socket.destroyed) begin();
}
