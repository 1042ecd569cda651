import type { ServerResponse } from 'node:http';

export function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): void {
  send(response, status, JSON.stringify({ error: { code, message, details } }));
}

export function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(body);
}
