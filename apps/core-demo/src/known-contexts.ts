import type { AgentContext } from '@bhiv/contracts';
import type { EventSink } from './event-sink.ts';

/**
 * What Bucket last said about each agent. Nobody waits for it: `refresh` starts a read, and `peek` gives what is
 * there. At most one read an agent is under way, however many tasks come.
 */
export class KnownContexts {
  readonly #sink: Pick<EventSink, 'readContext'>;
  readonly #known = new Map<string, AgentContext>();
  readonly #reading = new Set<string>();

  constructor(sink: Pick<EventSink, 'readContext'>) {
    this.#sink = sink;
  }

  /** Starts a read of the agent's context, unless one is under way. */
  refresh(agentId: string): void {
    if (this.#reading.has(agentId)) return;
    this.#reading.add(agentId);
    void this.#read(agentId);
  }

  /** The newest context that arrived; undefined before the first. */
  peek(agentId: string): AgentContext | undefined {
    return this.#known.get(agentId);
  }

  async #read(agentId: string): Promise<void> {
    const context = await this.#sink.readContext(agentId);
    this.#reading.delete(agentId);
    if (context !== null) this.#known.set(agentId, context);
  }
}
