/** A long run that is started by its name. */
export interface Soak {
  readonly name: string;
  /** Its arguments after the name, for the usage. */
  readonly usage: string;
  /** Runs in an empty folder, says how far it is, and resolves with what was broken, in words. */
  run(options: SoakOptions): Promise<readonly string[]>;
}

interface SoakOptions {
  readonly dataDir: string;
  /** The arguments after the name. */
  readonly args: readonly string[];
  /** Says how far it is, with the seconds since the start. */
  readonly tell: (text: string) => void;
}

/** The whole number that stands at an index of the arguments. Throws for what is none. */
export function numberAt(args: readonly string[], index: number, fallback: number): number {
  const text = args[index] ?? String(fallback);
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${JSON.stringify(text)} is not a whole number`);
  return Number(text);
}
