import type { LivezResponse } from '@bhiv/contracts';
import type { RequestHandler } from 'express';
import { answerJson } from '../http/answer.ts';

const ALIVE: LivezResponse = { status: 'alive' };

/** GET /livez (CONTRACT A5): the process runs; asks no engine. */
export function livez(): RequestHandler {
  return (_request, response) => answerJson(response, { status: 200, body: ALIVE });
}
