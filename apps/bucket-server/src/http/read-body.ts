import type { IncomingMessage, ServerResponse } from 'node:http';
import { ClientGoneError, RequestError } from '../errors.ts';
import type { Reservation } from './byte-budget.ts';
import { GrowingBuffer } from './growing-buffer.ts';
import { declaredLength, waitsForContinue } from './request.ts';

export type ReadBodyOptions = {
  /** The most bytes of this body. */
  readonly maxBytes: number;
  /** How long it may take to arrive, in ms. */
  readonly deadlineMs: number;
  /** Where its bytes are counted as they arrive; the caller releases it. */
  readonly reservation: Reservation;
};

/**
 * Reads the body of a request whole. Rejects with RequestError `body_too_large` (413; at once where Content-Length
 * says so, else when the bytes have come), `unsupported_encoding` (415), `request_timeout` (408), `overloaded` (503),
 * and with ClientGoneError. `Expect: 100-continue` is answered here, after the checks that need no body.
 */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  { maxBytes, deadlineMs, reservation }: ReadBodyOptions,
): Promise<Buffer> {
  const length = declaredLength(request);
  if (length !== undefined && length > maxBytes) throw tooLarge(`${length} bytes`, maxBytes);
  mustBeUnencoded(request);
  if (waitsForContinue(request)) response.writeContinue();

  const body = new GrowingBuffer();
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => settle(tooSlow(body.length, deadlineMs)), deadlineMs);

    function onData(piece: Buffer): void {
      if (body.length + piece.length > maxBytes) settle(tooLarge(`more than ${maxBytes} bytes`, maxBytes));
      else if (!reservation.grow(piece.length)) settle(overloaded(reservation.limit));
      else body.append(piece);
    }
    const onEnd = () => settle();
    // 'close' comes after 'end' too, and is no news then.
    const onGone = () => settle(new ClientGoneError('The client went away in the middle of the body.'));

    function settle(error?: Error): void {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onGone);
      if (error === undefined) resolve();
      else reject(error);
    }
    request.on('error', onGone).on('close', onGone).on('end', onEnd).on('data', onData);
  });
  return body.bytes();
}

function mustBeUnencoded(request: IncomingMessage): void {
  const encoding = request.headers['content-encoding'] || 'identity';
  if (encoding.toLowerCase() === 'identity') return;
  const message = `The body has the Content-Encoding "${encoding}", which Bucket does not take: send the JSON text as it is.`;
  throw new RequestError('unsupported_encoding', message, { field: 'Content-Encoding', value: encoding });
}

function tooLarge(size: string, maxBytes: number): RequestError {
  const message = `The body has ${size} and at most ${maxBytes} are taken: send less (the limit is set by BUCKET_MAX_EVENT_BYTES).`;
  return new RequestError('body_too_large', message, { limit_bytes: maxBytes });
}

function tooSlow(bytes: number, deadlineMs: number): RequestError {
  const message = `The body was not complete after ${deadlineMs} ms (${bytes} bytes had come): send it faster.`;
  return new RequestError('request_timeout', message, { deadline_ms: deadlineMs, received_bytes: bytes });
}

function overloaded(limit: number): RequestError {
  const message = `Bucket has as many bytes of events in memory as it may (${limit}): send this one again later.`;
  return new RequestError('overloaded', message, { limit_bytes: limit });
}
