import pTimeout from 'p-timeout';
import type { Artifacts } from './artifacts/artifacts.ts';
import { ArtifactError } from './errors.ts';
import type { Settings } from './options.ts';
import { listenForErrors, release } from './streams.ts';

/** How long a transfer that was ended may take to let go of its files. */
const LET_GO_MS = 50;

/** The artifact calls of a client: loads the code behind them at the first one, and ends them at close. */
export class Transfers {
  readonly #settings: Settings;
  readonly #problem: string | null;
  readonly #running = new Set<Promise<unknown>>();
  #artifacts: Promise<Artifacts> | undefined;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #callbackErrors = 0;

  constructor(settings: Settings, problem: string | null) {
    this.#settings = settings;
    this.#problem = problem;
  }

  /** What `onProgress` and `onWarning` threw. */
  get callbackErrors(): number {
    return this.#callbackErrors;
  }

  /** Never throws: what goes wrong is a rejection. A stream that comes along is used up or destroyed. */
  async run<T>(call: (artifacts: Artifacts) => Promise<T>, stream?: unknown): Promise<T> {
    const running = this.#run(call, stream);
    const settled = running.then(
      () => undefined,
      () => undefined, // the caller is told
    );
    this.#running.add(settled);
    settled.then(() => this.#running.delete(settled));
    return running;
  }

  /**
   * Refuses further calls, waits for those that run, and ends those that are left.
   * @returns whether all came to their own end in time
   */
  async close(milliseconds: number): Promise<boolean> {
    this.#state = 'closing';
    const all = Promise.all(this.#running).then(() => true);
    const done = await pTimeout(all, { milliseconds, fallback: () => false });
    this.#state = 'closed';
    (await this.#artifacts?.catch(() => undefined))?.destroy(closed());
    return (
      done ||
      pTimeout(
        all.then(() => false),
        { milliseconds: LET_GO_MS, fallback: () => false },
      )
    );
  }

  async #run<T>(call: (artifacts: Artifacts) => Promise<T>, stream: unknown): Promise<T> {
    listenForErrors(stream);
    try {
      this.#assertOpen();
      this.#artifacts ??= this.#load();
      const artifacts = await this.#artifacts;
      if (this.#state === 'closed') throw closed();
      return await call(artifacts);
    } catch (error) {
      release(stream);
      throw error;
    }
  }

  #assertOpen(): void {
    if (this.#state !== 'open') throw closed();
    if (this.#problem === null && this.#settings.enabled) return;
    const why = this.#problem ?? 'enabled is false';
    throw new ArtifactError('disabled', `the client is disabled: ${why}.`);
  }

  async #load(): Promise<Artifacts> {
    const { Artifacts } = await import('./artifacts/artifacts.ts');
    return new Artifacts(this.#settings, () => {
      this.#callbackErrors += 1;
    });
  }
}

function closed(): ArtifactError {
  return new ArtifactError('closed', 'the client is closed: await its transfers before close().');
}

/** What an argument holds at the moment of the call: the checks come later, and are of what was given. */
export function copyOf(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  try {
    return { ...given };
  } catch {
    return 'an object that cannot be read'; // which the checks refuse in their words
  }
}
