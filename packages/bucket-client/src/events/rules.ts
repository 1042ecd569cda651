/** What kind of value a named field holds. */
type Kind = 'string' | 'number' | 'integer' | 'object' | 'strings';

export interface Field {
  readonly name: string;
  readonly kind: Kind;
  readonly required: boolean;
}

/** The table of CONTRACT A1 for one event type: fields at the top, and those inside its one nested object. */
export interface EventRule {
  readonly top: readonly Field[];
  readonly nested?: { readonly name: 'result' | 'metadata'; readonly fields: readonly Field[] };
}

const required = (name: string, kind: Kind): Field => ({ name, kind, required: true });
const optional = (name: string, kind: Kind): Field => ({ name, kind, required: false });

const GENERIC: EventRule = {
  top: [optional('agent_id', 'string'), optional('task_id', 'string'), optional('metadata', 'object')],
};

const RL_OUTCOME: EventRule = {
  top: [required('agent_id', 'string'), required('reward', 'number'), optional('metadata', 'object')],
  nested: {
    name: 'metadata',
    fields: [
      optional('task_id', 'string'),
      optional('processing_time', 'number'),
      optional('input_type', 'string'),
      optional('tags', 'strings'),
    ],
  },
};

const AGENT_RESULT: EventRule = {
  top: [required('task_id', 'string'), required('agent_id', 'string'), required('result', 'object')],
  nested: {
    name: 'result',
    fields: [
      optional('status', 'integer'),
      optional('response', 'string'),
      optional('processing_time', 'number'),
      optional('model', 'string'),
      optional('tokens_used', 'integer'),
    ],
  },
};

const TASK_ERROR: EventRule = {
  top: [
    required('task_id', 'string'),
    required('agent_id', 'string'),
    required('error', 'string'),
    optional('input_type', 'string'),
  ],
};

/**
 * The rule of an event type: its row in CONTRACT A1, or the generic row. They are written by hand because the
 * client carries no Ajv; a test holds them against the producer schema of @bhiv/contracts.
 */
export function ruleFor(eventType: string): EventRule {
  if (eventType === 'rl_outcome') return RL_OUTCOME;
  if (eventType === 'agent_result') return AGENT_RESULT;
  if (eventType === 'task_error') return TASK_ERROR;
  return GENERIC;
}
