import type { RequestHandler } from 'express';
import { RequestError } from '../errors.ts';
import type { ShownEvents } from '../event-store/event-store.ts';
import { queryParameter } from '../http/query.ts';
import { streamJson } from '../http/stream-json.ts';
import { shorten } from '../shorten.ts';
import type { RouteDependencies } from './dependencies.ts';

const DEFAULT_LIMIT = '100';

/** GET /core/events?limit=… (CONTRACT A3): the newest events, oldest first, streamed page by page. */
export function events({
  store,
  limits,
  gate,
}: Pick<RouteDependencies, 'store' | 'limits' | 'gate'>): RequestHandler {
  return async (request, response) => {
    const limit = parseLimit(queryParameter(request, 'limit', 'invalid_limit') ?? DEFAULT_LIMIT);
    await gate.run(async () => {
      await streamJson(request, response, asJson(await store.recentShown(limit)), limits);
    });
  };
}

function parseLimit(value: string): number {
  if (/^([1-9]\d{0,2}|1000)$/.test(value)) return Number(value);
  const shown = shorten(JSON.stringify(value));
  const message = `The parameter limit is ${shown} but must be an integer from 1 to 1000: send one, or leave it out for ${DEFAULT_LIMIT}.`;
  throw new RequestError('invalid_limit', message, { field: 'limit', value: shown });
}

async function* asJson({ count, pages }: ShownEvents): AsyncGenerator<string | Uint8Array> {
  let front = '{"events":[';
  let showing = 0;
  for await (const { events, json } of pages) {
    yield Buffer.concat([Buffer.from(front), json]);
    front = ',';
    showing += events;
  }
  yield `${showing === 0 ? front : ''}],"count":${count},"showing":${showing}}`;
}
