import type { ReadyzResponse } from '@bhiv/contracts';
import type { RequestHandler } from 'express';
import { RequestError } from '../errors.ts';
import { answerJson } from '../http/answer.ts';
import { queryParameter } from '../http/query.ts';
import { shorten } from '../shorten.ts';
import type { RouteDependencies } from './dependencies.ts';

const READY: ReadyzResponse = { status: 'ready' };

/** GET /readyz?for=events (CONTRACT A5): 200 when that half can work, else 503. */
export function readyz({ store }: Pick<RouteDependencies, 'store'>): RequestHandler {
  return async (request, response) => {
    mustBeEvents(queryParameter(request, 'for'));
    const { state } = await store.health();
    if (state !== 'healthy') {
      const message = `The event store is not ready (${state}): send requests elsewhere, or try again later.`;
      throw new RequestError('engine_unavailable', message, { for: 'events', state });
    }
    answerJson(response, { status: 200, body: READY });
  };
}

function mustBeEvents(half: string | undefined): void {
  if (half === 'events') return;
  if (half === undefined) {
    const message = 'The parameter for is missing: say which half you mean, for=events.';
    throw new RequestError('missing_parameter', message, { field: 'for', value: 'missing' });
  }
  const value = shorten(JSON.stringify(half));
  const message = `The parameter for is ${value}, which this Bucket does not have: send for=events.`;
  throw new RequestError('invalid_parameter', message, { field: 'for', value });
}
