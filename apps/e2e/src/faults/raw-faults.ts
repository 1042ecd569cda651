import type { Socket } from 'node:net';
import type { Fault } from './fault-server.ts';

const JSON_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const ANSWER = JSON.stringify({ success: true, message: 'Event received', padding: 'x'.repeat(64) });

/** Accepts, reads what comes, and never says a word. Under an https URL this is a TLS handshake that stalls. */
export const silent: Fault = (socket) => {
  socket.resume();
};

/** Answers at once, then sends the body of a perfectly good answer one byte a second. */
export const dripBody: Fault = (socket) => {
  onRequest(socket, () => {
    socket.write(`${JSON_HEAD}content-length: ${ANSWER.length}\r\n\r\n`);
    drip(socket, ANSWER);
  });
};

/** Sends even the head of its answer one byte a second. */
export const dripHead: Fault = (socket) => {
  onRequest(socket, () => drip(socket, `${JSON_HEAD}content-length: ${ANSWER.length}\r\n\r\n${ANSWER}`));
};

/** Sends half the body that its Content-Length promises, then resets the connection. */
export const resetInBody: Fault = (socket) => {
  onRequest(socket, () => {
    const half = ANSWER.slice(0, ANSWER.length / 2);
    socket.write(`${JSON_HEAD}content-length: ${ANSWER.length}\r\n\r\n${half}`, () =>
      // Later, so that the client has read the half before the reset throws away what is unread.
      setTimeout(() => socket.resetAndDestroy(), 20),
    );
  });
};

/** Resets the connection as soon as the first piece of a request came, while the client still sends the rest. */
export const resetInRequest: Fault = (socket) => {
  socket.once('data', () => socket.resetAndDestroy());
};

/** Calls `answer` once, when the first piece of a request came; what follows is read and dropped. */
function onRequest(socket: Socket, answer: () => void): void {
  socket.once('data', answer);
  socket.resume();
}

function drip(socket: Socket, text: string): void {
  let sent = 0;
  const timer = setInterval(() => {
    socket.write(text.charAt(sent));
    sent += 1;
    if (sent === text.length) clearInterval(timer);
  }, 1_000);
  socket.once('close', () => clearInterval(timer));
}
