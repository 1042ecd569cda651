import type { ErrorRequestHandler, RequestHandler } from 'express';
import { CoreError, errorBody, STATUS_OF } from '../errors.ts';

/** Answers what no route took: 404 for an unknown path. */
export const notFound: RequestHandler = (request) => {
  throw new CoreError(
    'not_found',
    `There is no ${request.path} here; see POST /handle_task, GET /health, GET /config`,
  );
};

/** Answers 405 on a known path for all methods but the given one. */
export function onlyMethod(method: 'GET' | 'POST'): RequestHandler {
  return (request, response) => {
    response.set('Allow', method);
    throw new CoreError('method_not_allowed', `${request.path} takes ${method}, not ${request.method}`);
  };
}

/** Answers every error as `{"error": {code, message, details}}`; `onFault` gets those that are Core's own. */
export function errorAnswer(onFault: (error: unknown) => void): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const known = error instanceof CoreError ? error : bodyError(error);
    if (known === undefined) onFault(error);
    if (response.headersSent) return next(error);
    const answered =
      known ?? new CoreError('internal_error', "Core failed on this request; Core's log says why");
    response.status(STATUS_OF[answered.code]).json(errorBody(answered));
  };
}

/** Names the errors of Express's body parser, which it marks by `type`. */
function bodyError(error: unknown): CoreError | undefined {
  if (typeof error !== 'object' || error === null || !('type' in error)) return undefined;
  switch (error.type) {
    case 'entity.too.large': {
      const limit = 'limit' in error ? error.limit : undefined;
      return new CoreError('body_too_large', `The body has more than ${limit} bytes; send a shorter text`, {
        limit,
      });
    }
    case 'encoding.unsupported':
      return new CoreError(
        'unsupported_encoding',
        'The body is sent with a Content-Encoding; send it as it is, without',
      );
    case 'request.aborted':
    case 'request.size.invalid':
      return new CoreError('invalid_json', 'The body ended early');
    default:
      return undefined;
  }
}
