import type { IncomingMessage } from 'node:http';
import { RequestError } from '../errors.ts';
import { shorten } from '../shorten.ts';

/** The names by which a program on the same machine reaches Bucket. */
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Refuses (403 `host_not_allowed`) a request whose Host, or whose Origin where it has one, is neither a loopback name
 * nor one of `allowedHosts`; ports do not matter. Without it a web page could reach a Bucket on the visitor's own
 * machine by DNS rebinding, or write to it across origins.
 */
export function checkHost(allowedHosts: readonly string[]): (request: IncomingMessage) => void {
  const allowed = new Set([...LOOPBACK_NAMES, ...allowedHosts]);
  return (request) => {
    const { host, origin } = request.headers;
    refuseUnless(allowed, 'Host', host, hostName(host));
    if (origin !== undefined)
      refuseUnless(allowed, 'Origin', origin, hostName(/^https?:\/\/(.*)$/i.exec(origin)?.[1]));
  };
}

/** The name in `name`, `name:port`, `[::1]:port`, in lower case; undefined for anything else. */
function hostName(host: string | undefined): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[^:/?#@[\]\s]+)(?::\d*)?$/i.exec(host ?? '')?.[1]?.toLowerCase();
}

function refuseUnless(
  allowed: ReadonlySet<string>,
  field: 'Host' | 'Origin',
  value: string | undefined,
  name: string | undefined,
): void {
  if (name !== undefined && allowed.has(name)) return;
  const shown = value === undefined ? 'missing' : shorten(JSON.stringify(value));
  const message = `The ${field} header is ${shown}, and this Bucket answers only to ${[...allowed].join(', ')}: use one of these names, or have the operator add it to BUCKET_ALLOWED_HOSTS.`;
  throw new RequestError('host_not_allowed', message, { field, value: shown });
}
