import type { ReadyzResponse } from '@bhiv/contracts';
import type { RequestHandler } from 'express';
import { RequestError } from '../errors.ts';
import { answerJson } from '../http/answer.ts';
import { queryParameter } from '../http/query.ts';
import { shorten } from '../shorten.ts';
import type { RouteDependencies } from './dependencies.ts';

const READY: ReadyzResponse = { status: 'ready' };

/** GET /readyz?for=events or for=artifacts (CONTRACT A5): 200 when that half can work, else 503. */
export function readyz({ store, artifacts }: Pick<RouteDependencies, 'store' | 'artifacts'>): RequestHandler {
  const states = {
    events: async () => (await store.health()).state,
    artifacts: () => artifacts.health(),
  };
  return async (request, response) => {
    const half = halfIn(queryParameter(request, 'for'));
    const state = await states[half]();
    if (state !== 'healthy') {
      const message = `The half for ${half} is not ready (${state}): send requests elsewhere, or try again later.`;
      throw new RequestError('engine_unavailable', message, { for: half, state });
    }
    answerJson(response, { status: 200, body: READY });
  };
}

function halfIn(half: string | undefined): 'events' | 'artifacts' {
  if (half === 'events' || half === 'artifacts') return half;
  if (half === undefined) {
    const message = 'The parameter for is missing: say which half you mean, for=events or for=artifacts.';
    throw new RequestError('missing_parameter', message, { field: 'for', value: 'missing' });
  }
  const value = shorten(JSON.stringify(half));
  const message = `The parameter for is ${value}, which is no half of Bucket: send for=events or for=artifacts.`;
  throw new RequestError('invalid_parameter', message, { field: 'for', value });
}
