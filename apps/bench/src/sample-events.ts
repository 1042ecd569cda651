import { REQUESTER_ID } from '@bhiv/contracts';

// Events as a Core writes them: about 400 bytes of JSON, with fields that no table of CONTRACT A1 names.

/** So many different events of each kind are used in turn, so that no cache knows the one event by heart. */
const VARIANTS = 64;

const SENTENCES = [
  'The report names three reasons for the delay, and the first of them is the missing sensor data.',
  'Most of the text is about storage: what is kept, for how long, and who may ask for it again.',
  'In short, the second plan costs less, takes a week longer and leaves the older machines as they are.',
  'Two of the five sources agree on the figure; the others give a range that includes it.',
];

/** A `result` with the fields of its table, an agent's own fields, and a result of its own nested in it. */
function agentResult(i: number) {
  return {
    status: 200,
    response: SENTENCES[i % SENTENCES.length] ?? '',
    processing_time: 0.118 + i / 1000,
    model: 'text-rank-v2',
    tokens_used: 180 + i,
    result: { sentences: 3, confidence: 0.5 + i / 200, keywords: ['report', 'storage', `topic-${i}`] },
  };
}

export const agentResultCalls = Array.from({ length: VARIANTS }, (_, i) => ({
  taskId: `task-${(0x9e3779b1 * (i + 1)).toString(16)}`,
  agentId: `text_summarizer_${i % 8}`,
  result: agentResult(i),
}));

/** A new agent_result, made from nothing as a Core makes one for each task. */
export function freshAgentResult(i: number) {
  return {
    event_type: 'agent_result',
    task_id: `task-${i}`,
    agent_id: `text_summarizer_${i % 8}`,
    result: agentResult(i % VARIANTS),
  };
}

export const agentResultEvents = agentResultCalls.map(({ taskId, agentId, result }) => ({
  event_type: 'agent_result',
  task_id: taskId,
  agent_id: agentId,
  result,
}));

export const rlOutcomeEvents = Array.from({ length: VARIANTS }, (_, i) => ({
  event_type: 'rl_outcome',
  agent_id: `text_summarizer_${i % 8}`,
  reward: 0.25 + i / 100,
  metadata: {
    task_id: `task-${(0x9e3779b1 * (i + 1)).toString(16)}`,
    processing_time: 0.118 + i / 1000,
    input_type: 'text/plain',
    tags: ['summary', 'english', `batch-${i}`],
    selection: {
      by: 'ucb1',
      exploration: 0.3,
      candidates: ['summary', 'search', 'transform'],
      pulls: 40 + i,
    },
    reason: SENTENCES[i % SENTENCES.length],
  },
}));

/** The whole message of CONTRACT A1 around an event, as a Core without a client builds it. */
export function envelopeOf(event: object, timestamp = new Date().toISOString()) {
  return { requester_id: REQUESTER_ID, event_data: { timestamp, ...event } };
}

/** Takes the samples in turn. */
export function sample<T>(samples: readonly T[], i: number): T {
  return samples[i % VARIANTS] as T; // every list here has VARIANTS entries
}

/** Bytes of a value as JSON. */
export function bytesOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}
