/** What a child tells its parent: the answer of a task or of a stopped server, or that a server is ready. */
export type FromChild =
  | { readonly type: 'ready'; readonly value: unknown }
  | { readonly type: 'progress'; readonly text: string }
  | { readonly type: 'result'; readonly value: unknown };

export type ToChild = { readonly type: 'stop' } | { readonly type: 'tell'; readonly value: unknown };
