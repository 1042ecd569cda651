import {
  type BucketHealth,
  type EventsResponse,
  REQUESTER_ID,
  type ReadContextResponse,
  type StatsResponse,
  type WriteEventResponse,
} from '@bhiv/contracts';
import {
  checkBucketHealth,
  checkEventsResponse,
  checkReadContextResponse,
  checkStatsResponse,
  checkWriteEventResponse,
  type Problem,
} from '@bhiv/contracts/validators';
import { callJson } from './http.ts';

/** Bucket's routes as anybody may call them. Every answer is checked against the contract; one that breaks it rejects. */
export class BucketCalls {
  readonly #url: string;
  readonly #signal: AbortSignal;

  constructor(url: string, signal: AbortSignal) {
    this.#url = url;
    this.#signal = signal;
  }

  async health(): Promise<BucketHealth> {
    return checked('/health', checkBucketHealth, await this.#call('/health'));
  }

  async writeEvent(event: object): Promise<WriteEventResponse> {
    const body = { requester_id: REQUESTER_ID, event_data: event };
    return checked('/core/write-event', checkWriteEventResponse, await this.#call('/core/write-event', body));
  }

  async context(agentId: string): Promise<ReadContextResponse> {
    const query = new URLSearchParams({ agent_id: agentId, requester_id: REQUESTER_ID });
    return checked(
      '/core/read-context',
      checkReadContextResponse,
      await this.#call(`/core/read-context?${query}`),
    );
  }

  /** The newest 1000 events. */
  async events(): Promise<EventsResponse> {
    return checked('/core/events', checkEventsResponse, await this.#call('/core/events?limit=1000'));
  }

  async stats(): Promise<StatsResponse> {
    return checked('/core/stats', checkStatsResponse, await this.#call('/core/stats'));
  }

  #call(path: string, json?: object): Promise<unknown> {
    return callJson(`${this.#url}${path}`, this.#signal, json);
  }
}

function checked<T>(path: string, check: (value: unknown) => Problem[], value: unknown): T {
  const [problem] = check(value);
  if (problem !== undefined) throw new Error(`${path} answered against the contract: ${problem.message}`);
  return value as T; // the contract's check has just said so
}
