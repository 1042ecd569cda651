// The worker thread that reads: a read from a cold disk holds neither the event loop nor a commit.
import { openReader, type Reader, type Stretch } from './reader.ts';
import { serve } from './worker-serve.ts';

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

serve(functions, 'anyError');
