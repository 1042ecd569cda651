import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WriteEventResponse } from '@bhiv/contracts';
import type { EventRecord, EventStore } from '../event-store/event-store.ts';
import { acceptEvent } from '../events/accept-event.ts';
import { commonHeaders } from '../http/answer.ts';
import { readBody } from '../http/read-body.ts';
import { traceId } from '../http/request.ts';
import { shorten } from '../shorten.ts';
import type { RouteDependencies } from './dependencies.ts';

type Dependencies = Pick<RouteDependencies, 'log' | 'maxEventBytes' | 'limits' | 'budget'> & {
  readonly store: Pick<EventStore, 'append'>;
};

export const WRITE_EVENT_PATH = '/core/write-event';

const RECEIVED = JSON.stringify({ success: true, message: 'Event received' } satisfies WriteEventResponse);

/** Names and values in turn, which is the form that Node writes without another look at them. */
const RECEIVED_HEAD: string[] = Object.entries({
  ...commonHeaders,
  'Content-Type': 'application/json; charset=utf-8',
  'Content-Length': String(RECEIVED.length),
}).flat();

/**
 * POST /core/write-event (CONTRACT A1): size, JSON and envelope, requester, event, in this order; then the event is
 * stored, and answered after its commit.
 *
 * It takes what node:http gives and needs nothing of Express, which costs more than all of the rest (see createApp).
 */
export function writeEvent({
  store,
  log,
  maxEventBytes,
  limits,
  budget,
}: Dependencies): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const reservation = budget.reserve();
    try {
      const options = { maxBytes: maxEventBytes, deadlineMs: limits.bodyDeadlineMs, reservation };
      const body = await readBody(request, response, options);
      const event = acceptEvent(body, new Date());
      await store.append(event);
      response.writeHead(200, RECEIVED_HEAD).end(RECEIVED);
      if (log.isLevelEnabled('debug'))
        log.debug({ ...about(event), bytes: body.length, trace_id: traceId(request) }, 'event stored');
    } finally {
      reservation.release();
    }
  };
}

function about({ agentId, eventType }: EventRecord) {
  return { agent_id: agentId === null ? null : shorten(agentId), event_type: shorten(eventType) };
}
