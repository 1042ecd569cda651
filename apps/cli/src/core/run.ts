import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { existsSync } from 'node:fs';
import type { Registry } from '@bhiv/artifact-registry';
import type { BucketClient } from '@bhiv/bucket-client';
import { CliError, wrongUse } from './cli-error.ts';
import type { Service } from './http.ts';
import type { Io } from './io.ts';
import { Output, type OutputFlags } from './output.ts';
import { type Progress, progressOn } from './progress.ts';
import { readSettings, type SettingFlags, type Settings } from './settings.ts';

/** Where BucketClient publishes what it warns of, also for uploads that another library makes through it. */
const WARNINGS = 'bhiv:bucket-client:artifact-warning';

/**
 * One run of the command: its settings, its output, and the ways to Bucket and to the registry. Their
 * libraries are loaded when they are used: most commands need but one.
 */
export class Run {
  readonly io: Io;
  readonly settings: Settings;
  readonly output: Output;
  #bucket: BucketClient | undefined;
  #registry: Registry | undefined;
  readonly #warn = (warning: unknown) => {
    if (typeof warning === 'object' && warning !== null && 'message' in warning)
      this.output.warn(String(warning.message));
  };

  /** Throws CliError for settings that cannot be meant. */
  constructor(io: Io, flags: SettingFlags & OutputFlags) {
    this.io = io;
    this.output = new Output(io, flags);
    const { settings, warnings, trace } = readSettings(flags, io);
    this.settings = settings;
    for (const line of trace) this.output.debug(line);
    for (const warning of warnings) this.output.warn(warning);
  }

  /** Ends what it is given to when the user interrupts. */
  get signal(): AbortSignal {
    return this.io.interrupt;
  }

  /** Bucket's artifacts. Throws CliError `wrong_use` for settings that it cannot use. */
  async bucket(): Promise<BucketClient> {
    if (this.#bucket !== undefined) return this.#bucket;
    const { BucketClient } = await import('@bhiv/bucket-client');
    const { url, token, tls } = this.settings;
    const bucket = new BucketClient({
      url,
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
      ...(tls !== undefined && { tls }),
    });
    if (bucket.problem !== null) throw wrongUse(`The settings cannot be used: ${bucket.problem}.`);
    subscribe(WARNINGS, this.#warn);
    this.#bucket = bucket;
    return bucket;
  }

  /** The way to a service by the same settings, for what BucketClient has no call for. */
  service(url: string): Service {
    const { token, tls } = this.settings;
    return { url, token, tls, signal: this.signal };
  }

  /** The registry, to be read: one that is not there is the error `registry_not_found`. */
  async registry(): Promise<Registry> {
    const { registry: path } = this.settings;
    if (this.#registry !== undefined || existsSync(path)) return this.registryToWrite();
    const message = `There is no registry at ${path}: publish something first, or name another file with --registry.`;
    throw new CliError('registry_not_found', message, { expected: path });
  }

  /** The registry, made where it is not there. */
  async registryToWrite(): Promise<Registry> {
    const { registry: path, by } = this.settings;
    if (this.#registry !== undefined) return this.#registry;
    const { openRegistry, openSqliteStore } = await import('@bhiv/artifact-registry');
    this.#registry = openRegistry({ store: await openSqliteStore({ path }), actor: by });
    return this.#registry;
  }

  /** Shows a transfer's progress while `work` runs. */
  async withProgress<T>(work: (progress: Progress) => Promise<T>): Promise<T> {
    const progress = progressOn(this.io, this.output);
    try {
      return await work(progress);
    } finally {
      progress.end();
    }
  }

  async close(): Promise<void> {
    unsubscribe(WARNINGS, this.#warn);
    await this.#bucket?.close();
    await this.#registry?.close();
  }
}
