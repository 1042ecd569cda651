import type { WriteEventResponse } from '@bhiv/contracts';
import type { RequestHandler } from 'express';
import { acceptEvent } from '../events/accept-event.ts';
import { answerJson } from '../http/answer.ts';
import { readBody } from '../http/read-body.ts';
import { traceId } from '../http/request.ts';
import { shorten } from '../shorten.ts';
import type { RouteDependencies } from './dependencies.ts';

const RECEIVED: WriteEventResponse = { success: true, message: 'Event received' };

/**
 * POST /core/write-event (CONTRACT A1): size, JSON and envelope, requester, event, in this order; then the event is
 * stored, and answered after its commit.
 */
export function writeEvent({
  store,
  log,
  maxEventBytes,
  limits,
  budget,
}: Omit<RouteDependencies, 'gate'>): RequestHandler {
  return async (request, response) => {
    const reservation = budget.reserve();
    try {
      const options = { maxBytes: maxEventBytes, deadlineMs: limits.bodyDeadlineMs, reservation };
      const body = await readBody(request, response, options);
      const event = acceptEvent(body, new Date());
      await store.append(event);
      answerJson(response, { status: 200, body: RECEIVED });
      const { agentId, eventType } = event;
      const about = { agent_id: agentId === null ? null : shorten(agentId), event_type: shorten(eventType) };
      log.debug({ ...about, bytes: body.length, trace_id: traceId(request) }, 'event stored');
    } finally {
      reservation.release();
    }
  };
}
