// The worker thread that reads: a read from a cold disk holds neither the event loop nor a commit.

import { serve } from '../../threads/serve.ts';
import { openReader, type Reader, type ShownStretch, type Stretch } from './reader.ts';

let reader: Reader | undefined;

function opened(): Reader {
  if (reader === undefined) throw new Error('The reader was called before it was opened.');
  return reader;
}

const functions = {
  open(path: string): void {
    reader = openReader(path);
  },
  totals: () => opened().totals(),
  newest: (limit: number) => opened().newest(limit),
  events: (stretch: Stretch) => opened().events(stretch),
  shownEvents: (stretch: Stretch) => opened().shownEvents(stretch),
  context: (agentId: string) => opened().context(agentId),
  allAgents: () => opened().allAgents(),
  agentIds: (stretch: Stretch) => opened().agentIds(stretch),
  close: () => opened().close(),
};

export type ReaderFunctions = typeof functions;

/** The bytes of a page of shown events. */
function jsonOf(result: unknown): Uint8Array[] {
  if (typeof result !== 'object' || result === null || !('page' in result)) return [];
  return [(result as ShownStretch).page.json]; // the one result that has a page
}

serve(functions, { handsOver: jsonOf });
