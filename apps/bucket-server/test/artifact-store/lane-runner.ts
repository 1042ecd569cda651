import { laneFunctions } from '../../src/artifact-store/files/lane-functions.ts';
import type { LaneFunctions } from '../../src/artifact-store/files/lane-worker.ts';
import type { LaneRunner } from '../../src/artifact-store/files/lanes.ts';

type Rule = { readonly name: string; readonly action: () => Promise<void> };

/**
 * Does the real system calls, in this thread, and writes down in which order. A test can hold one of them or have it
 * fail, which no disk does when it is told.
 */
export class ScriptedLanes implements LaneRunner {
  readonly calls: string[] = [];
  readonly #rules: Rule[] = [];

  async run<Name extends keyof LaneFunctions>(
    name: Name,
    ...args: Parameters<LaneFunctions[Name]>
  ): Promise<ReturnType<LaneFunctions[Name]>> {
    const call = `${name} ${args.find((arg) => typeof arg === 'string') ?? ''}`;
    this.calls.push(call);
    const index = this.#rules.findIndex((rule) => call.startsWith(rule.name));
    const [rule] = index === -1 ? [] : this.#rules.splice(index, 1);
    await rule?.action();
    // The arguments and the result are those of the function of this name.
    const called = laneFunctions[name] as (...args: unknown[]) => ReturnType<LaneFunctions[Name]>;
    return called(...args);
  }

  /** The next call that begins with `name` does nothing, and fails with the error code when `when` is resolved. */
  failNext(name: string, code: string, when: Promise<void> = Promise.resolve()): void {
    const action = async () => {
      await when;
      throw Object.assign(new Error(`${code}: for a test`), { code });
    };
    this.#rules.push({ name, action });
  }

  /** The next call that begins with `name` waits until the function that comes back is called. */
  holdNext(name: string): () => void {
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    this.#rules.push({ name, action: () => held });
    return goOn;
  }
}
