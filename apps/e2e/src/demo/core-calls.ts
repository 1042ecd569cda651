import { type Answer, call, callJson } from './http.ts';
import { numberAt } from './json.ts';
import type { Task } from './tasks.ts';

/** What Core's client counted of its events so far. */
export type ClientCounts = {
  calls: number;
  accepted: number;
  refused: number;
  delivered: number;
  failed: number;
  expired: number;
  waiting: number;
};

/** Gives Core one task. */
export function giveTask(coreUrl: string, task: Task, signal: AbortSignal): Promise<Answer> {
  return call(`${coreUrl}/handle_task`, signal, task);
}

/** Reads the counts of Core's client from `GET /health`. */
export async function clientCounts(coreUrl: string, signal: AbortSignal): Promise<ClientCounts> {
  const health = await callJson(`${coreUrl}/health`, signal);
  const at = (...path: string[]) => numberAt(health, 'bucket_client', ...path);
  return {
    calls: at('calls'),
    accepted: at('accepted'),
    refused: at('refused', 'total'),
    delivered: at('delivered'),
    failed: at('failed', 'total'),
    expired: at('expired'),
    waiting: at('queued') + at('inFlight'),
  };
}
