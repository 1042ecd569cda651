import { setTimeout as sleep } from 'node:timers/promises';
import { testCertificate } from '../faults/fault-server.ts';
import type { FaultKind } from '../faults/index.ts';
import type { SocketSpan } from '../faults/socket-log.ts';
import { type ChildEnd, MeasuredChild } from './child.ts';
import type { ChildConfig, ReportOf, ThreadMode } from './child-protocol.ts';
import { TcpTable } from './tcp-table.ts';

/** The deadline that the matrix gives close(), in ms: half of a request's, so that work is pending when it passes. */
export const CLOSE_MS = 1_000;
/** Longer than any recovery that could still be called one. */
const RECOVERY_WAIT_MS = 4_000;

/** What one child showed that lived through an outage, a recovery, and a close in the next outage. */
export interface OutageFigures {
  readonly outage: ReportOf<'outage'>;
  readonly closed: ReportOf<'closed'>;
  readonly end: ChildEnd;
  /** Sockets in the outage; undefined where there is none to see (no host), or no way to see it (not Linux). */
  readonly sockets: { readonly peak: number; readonly longestMs: number } | undefined;
  /** From heal to the first event at the well Bucket, in ms; undefined where there is nothing to heal. */
  readonly recoveryMs: number | undefined;
  readonly stray: number;
}

export function childConfig(
  kind: FaultKind,
  url: string,
  thread: ThreadMode,
  scenario: ChildConfig['scenario'],
) {
  const config: ChildConfig = {
    scenario,
    url,
    thread,
    eventBytes: kind.eventBytes ?? 0,
    events: 0,
    closeMs: CLOSE_MS,
    ...(url.startsWith('https:') && { ca: testCertificate }),
  };
  return config;
}

/**
 * Runs one cell of the matrix: outage, heal after `healDelayMs` more, recovery, outage again, close.
 * The delay moves the heal through the cycle of the client's probes.
 */
export async function measureOutage(
  kind: FaultKind,
  thread: ThreadMode,
  healDelayMs = 0,
): Promise<OutageFigures> {
  const server = await kind.start();
  const table = server.sockets ?? (await tableFor(server.url, server.ownPorts));
  try {
    const child = new MeasuredChild(childConfig(kind, server.url, thread, 'outage'));
    const outage = await child.report('outage');
    const sockets = table && { peak: table.peak, longestMs: longestLife(table.spans) };
    if (table instanceof TcpTable) table.stop();
    const stray = server.stray();

    let recoveryMs: number | undefined;
    if (!kind.incurable) {
      await sleep(healDelayMs);
      recoveryMs = await measureRecovery(server);
      await server.fail();
    }
    child.proceed();
    const closed = await child.report('closed');
    return { outage, closed, end: await child.end, sockets, recoveryMs, stray };
  } finally {
    if (table instanceof TcpTable) table.stop();
    await server.stop();
  }
}

async function tableFor(url: string, ownPorts: ReadonlySet<number>): Promise<TcpTable | undefined> {
  const { hostname, port } = new URL(url);
  return hostname === '127.0.0.1' ? TcpTable.start(Number(port), ownPorts) : undefined;
}

async function measureRecovery(server: Awaited<ReturnType<FaultKind['start']>>): Promise<number> {
  const before = server.arrivals.length;
  await server.heal();
  const healedAt = Date.now();
  const giveUp = healedAt + RECOVERY_WAIT_MS;
  while (server.arrivals.length === before && Date.now() < giveUp) await sleep(5);
  return (server.arrivals[before]?.at ?? Number.POSITIVE_INFINITY) - healedAt;
}

/** The longest life among `spans`, in ms; those still open have lived until now. */
function longestLife(spans: readonly SocketSpan[]): number {
  const now = Date.now();
  return spans.reduce((longest, { opened, closed }) => Math.max(longest, (closed ?? now) - opened), 0);
}
