import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bhiv, type Call, type Ended, Running } from './bhiv.ts';

const BUCKET_MAIN = fileURLToPath(new URL('../../../bucket-server/dist/main.js', import.meta.url));

/** A folder for the tests of a file, a real Bucket that keeps its data in it, and a registry. */
export class Room {
  readonly path = mkdtempSync(join(tmpdir(), 'bhiv-cli-'));
  url = '';
  #bucket: ChildProcess | undefined;

  /** Starts a Bucket on a free port. */
  static async open(env: Readonly<Record<string, string>> = {}): Promise<Room> {
    const room = new Room();
    const bucket = spawn(process.execPath, [BUCKET_MAIN], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, BUCKET_PORT: '0', BUCKET_DATA_DIR: room.dataDir, ...env },
    });
    room.#bucket = bucket;
    for await (const line of createInterface({ input: bucket.stdout })) {
      const { url }: { url?: unknown } = JSON.parse(line);
      if (typeof url !== 'string') continue;
      room.url = url;
      bucket.stdout.resume();
      return room;
    }
    throw new Error('Bucket ended before it listened');
  }

  get dataDir(): string {
    return join(this.path, 'data');
  }

  get registry(): string {
    return join(this.path, 'registry.db');
  }

  at(...names: string[]): string {
    return join(this.path, ...names);
  }

  /** Writes a file with the folders above it, and gives its path. */
  write(name: string, bytes: string | Uint8Array): string {
    const path = this.at(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    return path;
  }

  environment(env: Call['env'] = {}): Record<string, string> {
    const home = this.at('home');
    return {
      HOME: home,
      BHIV_BUCKET_URL: this.url,
      BHIV_REGISTRY: this.registry,
      BHIV_BY: 'tester-1',
      ...env,
    };
  }

  /** Runs bhiv against this Bucket and this registry. */
  bhiv(args: readonly string[], call: Call = {}): Promise<Ended> {
    return bhiv(args, { cwd: this.path, ...call, env: this.environment(call.env) });
  }

  start(args: readonly string[], call: Call = {}): Running {
    return new Running(args, { cwd: this.path, ...call, env: this.environment(call.env) });
  }

  /** What bhiv prints as JSON; it must end well. */
  async json(args: readonly string[], call?: Call) {
    const { status, stdout, stderr } = await this.bhiv([...args, '--json'], call);
    if (status !== 0 || stderr !== '') throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
    return JSON.parse(stdout);
  }

  async close(): Promise<void> {
    if (this.#bucket?.exitCode === null) {
      this.#bucket.kill('SIGTERM');
      await once(this.#bucket, 'exit');
    }
    rmSync(this.path, { recursive: true, force: true });
  }
}
