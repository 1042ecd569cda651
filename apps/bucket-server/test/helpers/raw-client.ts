import { connect, type Socket } from 'node:net';

export type RawReply = { readonly status: number; readonly head: string; readonly body: string };

/**
 * A connection on which many requests are sent by hand, one after the other without waiting (pipelined); answers come
 * in the same order. No library looks at what is sent. Every answer must have a Content-Length.
 */
export class RawClient {
  readonly #socket: Socket;
  readonly #waiting: { resolve(reply: RawReply): void; reject(error: Error): void }[] = [];
  #received: Buffer = Buffer.alloc(0);

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1').setNoDelay();
    this.#socket.on('data', (piece: Buffer) => {
      this.#received = this.#received.length === 0 ? piece : Buffer.concat([this.#received, piece]);
      this.#settleAll();
    });
    this.#socket.on('error', () => undefined); // 'close' follows
    this.#socket.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('the connection ended'));
    });
  }

  /** `text` is Latin-1: each character is an octet. Rejects where the connection ends without an answer. */
  request(text: string): Promise<RawReply> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(text, 'latin1');
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #settleAll(): void {
    for (;;) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end === -1) return;
      const head = this.#received.toString('latin1', 0, end);
      const [, length] = /^Content-Length: (\d+)$/im.exec(head) ?? [];
      const bodyStart = end + 4;
      const bodyEnd = bodyStart + Number(length);
      if (this.#received.length < bodyEnd) return;
      const body = this.#received.toString('utf8', bodyStart, bodyEnd);
      this.#received = this.#received.subarray(bodyEnd);
      this.#waiting.shift()?.resolve({ status: Number(head.slice(9, 12)), head, body });
    }
  }
}
