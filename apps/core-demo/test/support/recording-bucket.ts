import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Enough of a Bucket to see what Core sends: takes every event and remembers it; answers contexts as told. */
export async function recordingBucket(context: object | null = null) {
  const events: Record<string, unknown>[] = [];
  const reads: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.setHeader('Content-Type', 'application/json');
    if (request.url === '/core/write-event') {
      const { event_data: event }: { event_data: Record<string, unknown> } = JSON.parse(body);
      events.push(event);
      response.end('{"success": true, "message": "Event received"}');
    } else {
      reads.push(request.url ?? '');
      response.end(JSON.stringify({ success: true, context }));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  return {
    url: `http://127.0.0.1:${port}`,
    events,
    reads,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
