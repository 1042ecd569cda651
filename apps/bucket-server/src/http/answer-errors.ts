import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { asRequestError, ClientGoneError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { shorten } from '../shorten.ts';
import { answerEarly } from './answer.ts';
import { logFields } from './log-fields.ts';
import { pathOf, traceId } from './request.ts';

/**
 * The one place where a request ends in an error. Every answer has the form of CONTRACT B; refusals are logged at info,
 * failures of Bucket at warn, faults at error. Where an answer has begun, or could be wrong, the connection is broken.
 */
export function answerErrors(
  log: Logger,
  limits: Pick<Limits, 'discardMs' | 'discardBytes'>,
): (error: unknown, request: IncomingMessage, response: ServerResponse) => void {
  return (error, request, response) => {
    const about = { ...describe(request), ...logFields(response) };
    if (error instanceof ClientGoneError) {
      log.debug({ ...about, err: error }, 'client went away');
      response.destroy();
      return;
    }
    const answer = asRequestError(error);
    if (answer === null || response.headersSent) {
      log.error({ ...about, err: error }, 'connection broken: no answer would be true');
      response.destroy();
      return;
    }
    logAnswer(log, answer.status, { ...about, code: answer.code, err: error, reason: answer.message });
    answerEarly(
      request,
      response,
      { status: answer.status, body: answer.body, headers: answer.headers },
      limits,
    );
  };
}

function describe(request: IncomingMessage) {
  return { method: request.method, path: shorten(pathOf(request)), trace_id: traceId(request) };
}

function logAnswer(
  log: Logger,
  status: number,
  { err, ...fields }: { err: unknown; code: string; reason: string },
): void {
  if (status === 500) log.error({ ...fields, status, err }, 'request failed');
  else if (status > 500) log.warn({ ...fields, status, ...causeOf(err) }, 'request failed');
  else log.info({ ...fields, status }, 'request refused');
}

/** What the engine itself said, paths and all: the answer leaves it out. */
function causeOf(error: unknown): { err?: unknown } {
  return error instanceof Error && error.cause !== undefined ? { err: error.cause } : {};
}
