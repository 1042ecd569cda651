/** The functions that a worker thread serves, by name. Arguments and results cross as structured clones. */
export type Api<Functions> = { readonly [Name in keyof Functions]: (...args: never[]) => unknown };

/** Main thread → worker. */
export type Call = { readonly id: number; readonly name: string; readonly args: readonly unknown[] };

/** Worker → main thread. */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: { readonly message: string; readonly code: string | undefined } };
