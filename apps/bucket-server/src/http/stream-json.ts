import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ClientGoneError } from '../errors.ts';

/** What is handed to a connection at one time, in bytes. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Answers 200 with a JSON text that comes in pieces (bytes are UTF-8), at the pace at which the client takes them: no
 * more than one piece waits in memory, and other requests get their turn after every 64 KiB. What fails before the
 * first piece rejects, and can still be answered with an error. What fails later rejects too, and the caller must break
 * the connection, so that half an answer never looks like a whole one. A client that takes nothing for
 * `stalledReaderMs` is cut off (ClientGoneError).
 */
export async function streamJson(
  request: IncomingMessage,
  response: ServerResponse,
  pieces: AsyncGenerator<string | Uint8Array>,
  { stalledReaderMs }: { readonly stalledReaderMs: number },
): Promise<void> {
  try {
    let next = await pieces.next();
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    for (; next.done !== true; next = await pieces.next()) {
      const piece = typeof next.value === 'string' ? Buffer.from(next.value) : next.value;
      await sendPiece(response, piece, stalledReaderMs);
    }
    mustBeThere(response);
    response.end();
    await happened(response, 'finish', stalledReaderMs);
  } finally {
    await pieces.return(undefined);
  }
}

async function sendPiece(response: ServerResponse, piece: Uint8Array, stalledMs: number): Promise<void> {
  for (let start = 0; start < piece.length; start += CHUNK_BYTES) {
    mustBeThere(response);
    const goesOn = response.write(piece.subarray(start, start + CHUNK_BYTES));
    if (goesOn) await nextTurn();
    else await happened(response, 'drain', stalledMs);
  }
}

function mustBeThere(response: ServerResponse): void {
  if (response.destroyed) throw new ClientGoneError('The client went away in the middle of the answer.');
}

/** Waits for the client to take what was written. */
function happened(response: ServerResponse, event: 'drain' | 'finish', stalledMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = () => settle(new ClientGoneError('The client went away in the middle of the answer.'));
    const onEvent = () => settle();
    const onTime = () => {
      settle(new ClientGoneError(`The client took nothing of the answer for ${stalledMs} ms.`));
      response.destroy();
    };
    const timer = setTimeout(onTime, stalledMs);
    function settle(error?: Error): void {
      clearTimeout(timer);
      response.off(event, onEvent).off('close', onClose);
      if (error === undefined) resolve();
      else reject(error);
    }
    response.once(event, onEvent).once('close', onClose);
  });
}
