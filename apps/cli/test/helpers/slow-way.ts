import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout } from 'node:timers/promises';

/** A way to a Bucket over which some bytes pass at full speed, and then few. */
export class SlowWay {
  readonly #server = createServer();
  readonly #sockets = new Set<Socket>();
  #left: number;

  private constructor(freeBytes: number) {
    this.#left = freeBytes;
  }

  /** @param freeBytes how many pass before it slows down to some 100 KiB/s */
  static async open(bucketUrl: string, freeBytes: number): Promise<SlowWay> {
    const way = new SlowWay(freeBytes);
    const port = Number(new URL(bucketUrl).port);
    way.#server.on('connection', (client) => {
      const bucket = connect(port, '127.0.0.1');
      for (const socket of [client, bucket]) {
        way.#sockets.add(socket);
        socket
          .on('error', () => undefined)
          .on('close', () => {
            client.destroy();
            bucket.destroy();
          });
      }
      client.pipe(way.#slowly()).pipe(bucket);
      bucket.pipe(way.#slowly()).pipe(client);
    });
    way.#server.listen(0, '127.0.0.1');
    await once(way.#server, 'listening');
    return way;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo; // it listens on a port
    return `http://127.0.0.1:${port}`;
  }

  /** Whether all that may pass at full speed has passed. */
  get isSlow(): boolean {
    return this.#left <= 0;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #slowly(): Transform {
    const way = this;
    return new Transform({
      async transform(chunk: Buffer, _encoding, done) {
        way.#left -= chunk.byteLength;
        if (way.#left <= 0) await setTimeout(chunk.byteLength / 100, undefined, { ref: false });
        done(null, chunk);
      },
    });
  }
}
