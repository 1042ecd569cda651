import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

type Callback = Parameters<LookupFunction>[2];

/**
 * `dns.lookup`, at most one at a time for a name: connections that are made meanwhile share its answer. A look-up
 * cannot be cancelled and holds the process and one of its few look-up threads until the resolver gives up, so with a
 * name server that is silent they must not pile up.
 */
export function sharedLookup(): LookupFunction {
  const waiting = new Map<string, Callback[]>();
  return (hostname, options, callback) => {
    const key = `${hostname} ${JSON.stringify(options)}`;
    const others = waiting.get(key);
    if (others !== undefined) {
      others.push(callback);
      return;
    }
    const callbacks = [callback];
    waiting.set(key, callbacks);
    lookup(hostname, options, (error, address, family) => {
      waiting.delete(key);
      for (const answer of callbacks) answer(error, address, family);
    });
  };
}
