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
import { CliError } from './cli-error.ts';
import { call, callJson, errorOf, objectOf, type Service } from './http.ts';
import { withoutCredentials } from './secrets.ts';

/** Bucket's routes for events, health and monitoring (CONTRACT A). Every answer is held to the contract. */
export class Monitoring {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  /** Also where it is degraded, which comes as a 503. */
  async health(): Promise<BucketHealth> {
    const answer = await call(this.#service, '/health');
    if (answer.status !== 200 && answer.status !== 503) throw errorOf(answer, this.#service.url);
    const value = objectOf(answer, this.#service.url);
    if (answer.status === 503 && 'error' in value) throw errorOf(answer, this.#service.url);
    return this.#checked<BucketHealth>('/health', checkBucketHealth, value);
  }

  /** The newest events, and the text that they came as: it keeps numbers that JavaScript cannot. */
  async events(limit: number): Promise<{ readonly events: EventsResponse; readonly text: string }> {
    const path = `/core/events?limit=${limit}`;
    const answer = await call(this.#service, path);
    if (answer.status !== 200) throw errorOf(answer, this.#service.url);
    const value = objectOf(answer, this.#service.url);
    return { events: this.#checked<EventsResponse>(path, checkEventsResponse, value), text: answer.text };
  }

  async stats(): Promise<StatsResponse> {
    const path = '/core/stats';
    return this.#checked<StatsResponse>(path, checkStatsResponse, await callJson(this.#service, path));
  }

  async writeEvent(event: object): Promise<WriteEventResponse> {
    const path = '/core/write-event';
    const body = { requester_id: REQUESTER_ID, event_data: event };
    const answer = await callJson(this.#service, path, body);
    return this.#checked<WriteEventResponse>(path, checkWriteEventResponse, answer);
  }

  async context(agentId: string): Promise<ReadContextResponse> {
    const path = `/core/read-context?${new URLSearchParams({ agent_id: agentId, requester_id: REQUESTER_ID })}`;
    const answer = await callJson(this.#service, path);
    return this.#checked<ReadContextResponse>(path, checkReadContextResponse, answer);
  }

  #checked<T>(path: string, check: (value: unknown) => Problem[], value: unknown): T {
    const [problem] = check(value);
    if (problem === undefined) return value as T; // the contract's check has just said so
    const url = withoutCredentials(this.#service.url);
    const message = `${url}${path} answered against the contract: ${problem.message}`;
    throw new CliError('bad_response', message, { hint: 'see whether the url leads to a Bucket.' });
  }
}
