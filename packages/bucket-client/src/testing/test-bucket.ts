import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { REQUESTER_ID } from '@bhiv/contracts';
import { checkAcceptedEvent, checkEnvelope } from '@bhiv/contracts/validators';
import { refuse, send } from './answers.ts';
import { ArtifactShelf, type TestArtifact } from './artifact-shelf.ts';

export type TestEvent = Readonly<Record<string, unknown>> & { readonly event_type: string };

/**
 * What a request meets instead of its answer: a status (with an optional body), silence, or a connection that is
 * reset.
 */
export type Fault = { readonly status: number; readonly body?: string } | 'silent' | 'reset';

export interface TestBucketOptions {
  /**
   * A larger artifact is answered 413.
   * @default 268435456 (256 MiB: everything is kept in memory)
   */
  readonly maxArtifactBytes?: number;
}

export interface TestBucket {
  /** Give it to `new BucketClient({ url })`. */
  readonly url: string;
  /** Every event that was stored, oldest first. */
  readonly events: readonly TestEvent[];
  /** Every artifact version that was stored, in that order. */
  readonly artifacts: readonly TestArtifact[];
  /** Requests of any kind that arrived. */
  readonly requests: number;
  /** Makes every following request meet a fault; `undefined` heals. */
  fail(fault: Fault | undefined): void;
  /** Resolves once `count` events are stored; rejects after `deadlineMs` (default 5000), saying how many there are. */
  waitForEvents(count: number, deadlineMs?: number): Promise<readonly TestEvent[]>;
  /** Forgets every event and artifact. */
  clear(): void;
  close(): Promise<void>;
}

interface State {
  events: TestEvent[];
  shelf: ArtifactShelf;
  requests: number;
  fault: Fault | undefined;
  arrived: () => void;
}

/**
 * Starts an in-memory Bucket on 127.0.0.1 that checks requests as Bucket does (CONTRACT A1, A2, B1 to B3) and
 * keeps events and artifacts until it is closed.
 * @param port 0, the default, takes any free one
 */
export async function startTestBucket(port = 0, options: TestBucketOptions = {}): Promise<TestBucket> {
  const { maxArtifactBytes = 256 * 1024 ** 2 } = options;
  const state: State = {
    events: [],
    shelf: new ArtifactShelf(maxArtifactBytes),
    requests: 0,
    fault: undefined,
    arrived: () => undefined,
  };
  const server = createServer((request, response) => {
    void answer(state, request, response, () => undefined);
  });
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    void answer(state, request, response, () => response.writeContinue());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo; // a TCP server that listens has one
  return {
    url: `http://127.0.0.1:${bound}`,
    get events() {
      return state.events;
    },
    get artifacts() {
      return state.shelf.artifacts;
    },
    get requests() {
      return state.requests;
    },
    fail: (fault) => {
      state.fault = fault;
    },
    waitForEvents: (count, deadlineMs = 5000) => waitForEvents(state, count, deadlineMs),
    clear: () => {
      state.events = [];
      state.shelf.clear();
    },
    close: () => stop(server),
  };
}

function waitForEvents(state: State, count: number, deadlineMs: number): Promise<readonly TestEvent[]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${state.events.length} of ${count} events after ${deadlineMs} ms`)),
      deadlineMs,
    );
    state.arrived = () => {
      if (state.events.length < count) return;
      clearTimeout(timer);
      state.arrived = () => undefined;
      resolve(state.events);
    };
    state.arrived();
  });
}

async function answer(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
  goOn: () => void,
): Promise<void> {
  const { fault } = state;
  state.requests += 1;
  if (fault === 'silent') return;
  if (fault === 'reset') {
    request.socket.destroy();
    return;
  }
  const isOfArtifacts = request.url?.startsWith('/v1/') === true && fault === undefined;
  if (isOfArtifacts && (await state.shelf.answer(request, response, goOn))) return;
  goOn();
  const body = await readBody(request);
  if (fault !== undefined) send(response, fault.status, fault.body ?? '{}');
  else if (request.method === 'POST' && request.url === '/core/write-event') store(state, body, response);
  else if (request.method === 'GET' && request.url?.startsWith('/core/read-context?')) {
    readContext(state, new URL(request.url, 'http://localhost').searchParams, response);
  } else refuse(response, 404, 'not_found', `there is no ${request.method} ${request.url} here`);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk); // no encoding is set
  } catch {
    return ''; // the client went away in the middle: there is nobody left to answer
  }
  return Buffer.concat(chunks).toString('utf8');
}

function store(state: State, body: string, response: ServerResponse): void {
  const problem = check(body);
  if (typeof problem !== 'object') return refuse(response, 400, 'invalid_event', problem);
  if (problem.requester_id !== REQUESTER_ID) {
    return refuse(response, 403, 'requester_not_allowed', `requester_id must be ${REQUESTER_ID}`);
  }
  state.events.push(problem.event_data);
  send(response, 200, JSON.stringify({ success: true, message: 'Event received' }));
  state.arrived();
}

/** The envelope if it is valid, else what is wrong with it. */
function check(body: string): { requester_id: string; event_data: TestEvent } | string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return 'the body is not JSON';
  }
  const [wrong] = checkEnvelope(value);
  if (wrong !== undefined) return wrong.message;
  const envelope = value as { requester_id: string; event_data: TestEvent }; // checkEnvelope found it so
  return checkAcceptedEvent(envelope.event_data)[0]?.message ?? envelope;
}

function readContext(state: State, query: URLSearchParams, response: ServerResponse): void {
  const agentId = query.get('agent_id');
  if (query.get('requester_id') !== REQUESTER_ID) {
    return refuse(response, 403, 'requester_not_allowed', `requester_id must be ${REQUESTER_ID}`);
  }
  if (agentId === null) return refuse(response, 400, 'missing_parameter', 'agent_id is missing');
  const events = state.events.filter((event) => event.agent_id === agentId);
  const last = events.at(-1);
  const context = last && {
    agent_id: agentId,
    event_count: events.length,
    last_updated: String(last.timestamp ?? new Date().toISOString()),
    recent_event_types: [...new Set(events.slice(-10).map((event) => event.event_type))],
  };
  send(response, 200, JSON.stringify({ success: true, context: context ?? null }));
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
