import { readFile, rename, writeFile } from 'node:fs/promises';
import { codeOf } from '../../error-words.ts';

/** How far a pass is: when it began, in ms since 1970, and which step comes next. */
export type PassProgress = { readonly passStartedAt: number; readonly step: number };

/** The progress of the scrub in a small file. One that is missing or makes no sense means: begin a pass. */
export class Progress {
  readonly #path: string;
  #now: PassProgress | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<PassProgress> {
    this.#now ??= await this.#read();
    return this.#now;
  }

  async save(progress: PassProgress): Promise<void> {
    this.#now = progress;
    const temp = `${this.#path}.new`;
    await writeFile(temp, `${JSON.stringify(progress)}\n`, { mode: 0o600 });
    await rename(temp, this.#path);
  }

  async saveStep(step: number): Promise<void> {
    await this.save({ ...(await this.load()), step });
  }

  async #read(): Promise<PassProgress> {
    const fresh = { passStartedAt: Date.now(), step: 0 };
    try {
      const found: unknown = JSON.parse(await readFile(this.#path, 'utf8'));
      return isProgress(found) ? found : fresh;
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === undefined) return fresh; // not there, or not JSON
      throw error;
    }
  }
}

function isProgress(value: unknown): value is PassProgress {
  if (typeof value !== 'object' || value === null || !('step' in value) || !('passStartedAt' in value))
    return false;
  const { step, passStartedAt } = value;
  const isStep = Number.isInteger(step) && Number(step) >= 0;
  return isStep && Number.isFinite(passStartedAt) && Number(passStartedAt) <= Date.now();
}
