import { BlockList, isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { CoreError } from '../errors.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether a host name or address, as configured or as in a URL, is this machine's loopback. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (name === 'localhost') return true;
  const version = isIP(name);
  return version !== 0 && loopback.check(name, version === 4 ? 'ipv4' : 'ipv6');
}

/**
 * Keeps web pages away from a server that listens on loopback: a page that had its own name resolve to 127.0.0.1
 * (DNS rebinding) shows in Host, any other page in Origin. Answers those with 403 `host_not_allowed`.
 */
export const localOnly: RequestHandler = (request, _response, next) => {
  const { host, origin } = request.headers;
  const called = `http://${host ?? ''}`;
  if (!URL.canParse(called) || !isLoopback(new URL(called).hostname)) {
    throw new CoreError(
      'host_not_allowed',
      `Host "${host ?? ''}" is not this machine; call 127.0.0.1 or localhost`,
    );
  }
  if (origin !== undefined && origin !== new URL(called).origin) {
    throw new CoreError(
      'host_not_allowed',
      `Pages of "${origin}" may not call this server; only programs on this machine may`,
    );
  }
  next();
};
