import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Bytes that went to Bucket, and that came from it: HTTP and all. */
export interface WireBytes {
  up: number;
  down: number;
}

/**
 * A TCP proxy in front of a Bucket: hands on every byte and counts it. Its own address stays the same while Buckets
 * behind it are killed and started again somewhere else.
 */
export class Wire {
  readonly bytes: WireBytes = { up: 0, down: 0 };
  /** Told whenever bytes went by, before they are handed on. */
  onBytes: (bytes: WireBytes) => void = () => undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #target: URL;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#connect(client));
  }

  static async open(target: string): Promise<Wire> {
    const wire = new Wire(target);
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    return wire;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo; // it listens on a TCP port
    return `http://127.0.0.1:${port}`;
  }

  /** From now on connections lead there. */
  leadTo(target: string): void {
    this.#target = new URL(target);
  }

  /** Begins to count anew. */
  reset(): void {
    Object.assign(this.bytes, { up: 0, down: 0 });
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #connect(client: Socket): void {
    const { hostname: host, port } = this.#target;
    const bucket = connect({ host, port: Number(port), allowHalfOpen: true });
    this.#join(client, bucket, 'up');
    this.#join(bucket, client, 'down');
  }

  #join(from: Socket, to: Socket, way: keyof WireBytes): void {
    this.#sockets.add(from);
    from.on('data', (piece: Buffer) => {
      this.bytes[way] += piece.length;
      this.onBytes(this.bytes);
    });
    from.pipe(to); // its end is handed on too
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      if (!from.readableEnded) to.destroy();
    });
  }
}
