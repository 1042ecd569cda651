import { startBlackHole } from './black-hole.ts';
import { type FaultServer, startSwitchable } from './fault-server.ts';
import { hugeAnswer, notFound, notJson, redirectTo, serverError, successFalse } from './http-faults.ts';
import { dripBody, dripHead, resetInBody, resetInRequest, silent } from './raw-faults.ts';
import { startRefused } from './refused.ts';

/** One row of the outage matrix. */
export interface FaultKind {
  readonly name: string;
  /** The count of `stats().failed` that its requests must end in. */
  readonly failsAs: string;
  /** Requests hang until the deadline, so that every socket must go with it. */
  readonly hangs: boolean;
  /** Extra bytes in every event, where the fault needs a request that takes a while to send. */
  readonly eventBytes?: number;
  /** There is no Bucket behind the name that could be healed. */
  readonly incurable?: boolean;
  start(): Promise<FaultServer>;
}

/** The outage matrix: every way for a Bucket to be away that the client is held against. */
export const faults: readonly FaultKind[] = [
  { name: 'connection refused', failsAs: 'network', hangs: false, start: () => startRefused() },
  { name: 'SYN black hole', failsAs: 'timeout', hangs: true, start: startBlackHole },
  {
    name: 'accepts and stays silent',
    failsAs: 'timeout',
    hangs: true,
    start: () => startSwitchable({ fault: silent }),
  },
  {
    name: 'body of one byte a second',
    failsAs: 'timeout',
    hangs: true,
    start: () => startSwitchable({ fault: dripBody }),
  },
  {
    name: 'head of one byte a second',
    failsAs: 'timeout',
    hangs: true,
    start: () => startSwitchable({ fault: dripHead }),
  },
  {
    name: 'reset in the middle of the body',
    failsAs: 'network',
    hangs: false,
    start: () => startSwitchable({ fault: resetInBody }),
  },
  {
    name: 'reset while the client sends',
    failsAs: 'network',
    hangs: false,
    eventBytes: 200_000,
    start: () => startSwitchable({ fault: resetInRequest }),
  },
  { name: '500', failsAs: 'http_5xx', hangs: false, start: () => startSwitchable({ fault: serverError }) },
  { name: '404', failsAs: 'http_4xx', hangs: false, start: () => startSwitchable({ fault: notFound }) },
  { name: 'redirect', failsAs: 'http_3xx', hangs: false, start: startRedirect },
  {
    name: 'not JSON',
    failsAs: 'bad_response',
    hangs: false,
    start: () => startSwitchable({ fault: notJson }),
  },
  {
    name: '1 GiB answer, Content-Length',
    failsAs: 'response_too_large',
    hangs: false,
    start: () => startSwitchable({ fault: hugeAnswer('content-length') }),
  },
  {
    name: '1 GiB answer, chunked',
    failsAs: 'response_too_large',
    hangs: false,
    start: () => startSwitchable({ fault: hugeAnswer('chunked') }),
  },
  {
    name: 'TLS that stalls',
    failsAs: 'timeout',
    hangs: true,
    start: () => startSwitchable({ fault: silent, tls: true }),
  },
  {
    name: '200 with success: false',
    failsAs: 'rejected',
    hangs: false,
    start: () => startSwitchable({ fault: successFalse }),
  },
  {
    name: 'dies in the middle of its work',
    failsAs: 'network',
    hangs: false,
    start: () => startRefused({ diesAtEvent: 20 }),
  },
  {
    name: 'host name that does not resolve',
    failsAs: 'network',
    hangs: false,
    incurable: true,
    start: startUnresolvable,
  },
];

/** A server whose every answer points to a second, well one, which must never see a request. */
async function startRedirect(): Promise<FaultServer> {
  const target = await startSwitchable({ fault: notFound });
  return startSwitchable({
    fault: redirectTo(target.url),
    stray: () => target.sockets?.spans.length ?? 0,
    onStop: () => target.stop(),
  });
}

/**
 * A name that cannot resolve: its first label is longer than DNS allows (RFC 1035: 63 octets), so the resolver says
 * so by itself, whatever name server this machine has, or none.
 */
async function startUnresolvable(): Promise<FaultServer> {
  const nothing = async () => {};
  return {
    url: `http://${'bucket'.repeat(11)}.invalid:8001`,
    sockets: undefined,
    arrivals: [],
    ownPorts: new Set(),
    stray: () => 0,
    heal: nothing,
    fail: nothing,
    stop: nothing,
  };
}
