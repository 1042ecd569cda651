import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

/**
 * Answers 200 with a JSON text that comes in pieces, at the pace at which the client takes them: no more than one piece
 * waits in memory. What fails before the first piece rejects, and can still be answered with an error; later the
 * connection breaks before the end of the text, so that half an answer never looks like a whole one. A client that
 * takes nothing for `stalledReaderMs` is cut off.
 */
export async function streamJson(
  request: IncomingMessage,
  response: ServerResponse,
  pieces: AsyncGenerator<string>,
  { stalledReaderMs }: { readonly stalledReaderMs: number },
): Promise<void> {
  const first = await pieces.next();
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  if (request.method === 'HEAD') {
    await pieces.return(undefined);
    response.end();
    return;
  }
  response.setTimeout(stalledReaderMs, () => response.destroy());
  await pipeline(async function* () {
    if (first.done !== true) yield first.value;
    yield* pieces;
  }, response);
}
