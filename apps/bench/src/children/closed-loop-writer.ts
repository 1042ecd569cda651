// Writes events over so many connections, each as fast as its answers come.
import { closedLoop } from '../load/closed-loop.ts';
import { writeRequests } from '../load/write-requests.ts';
import { perform, type Task } from '../processes/child.ts';

export type ClosedLoopWriter = Task<
  {
    readonly url: string;
    readonly connections: number;
    readonly warmUpMs: number;
    readonly countedMs: number;
  },
  /** Answers a second. */
  number
>;

await perform<ClosedLoopWriter>((input) => closedLoop({ ...input, requests: writeRequests() }));
