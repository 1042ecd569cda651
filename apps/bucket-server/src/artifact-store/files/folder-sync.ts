type Syncing = { readonly done: Promise<void>; next: Promise<void> | undefined };

/** Shares the fsyncs of folders: callers that come while one runs share the one after it. */
export class FolderSync {
  readonly #fsync: (path: string) => Promise<void>;
  readonly #running = new Map<string, Syncing>();

  constructor(fsync: (path: string) => Promise<void>) {
    this.#fsync = fsync;
  }

  /** Resolves after an fsync that started after this call, so that whatever was changed before it is durable. */
  sync(path: string): Promise<void> {
    const running = this.#running.get(path);
    if (running === undefined) return this.#start(path);
    running.next ??= running.done.then(
      () => this.#start(path),
      () => this.#start(path),
    );
    return running.next;
  }

  #start(path: string): Promise<void> {
    const done = this.#fsync(path);
    const syncing: Syncing = { done, next: undefined };
    this.#running.set(path, syncing);
    const end = () => {
      if (syncing.next === undefined) this.#running.delete(path);
    };
    // The callers see the failure; here it only ends the entry.
    done.then(end, end);
    return done;
  }
}
