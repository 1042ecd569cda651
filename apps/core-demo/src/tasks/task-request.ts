import { CoreError } from '../errors.ts';
import { schemaCheck } from '../schema-check.ts';

/** The body of `POST /handle_task`. */
type Body = { agent?: string; input: string; input_type?: string; tags?: string[] };

/** A task as Core works on it. */
export type TaskRequest = { agent?: string; input: string; inputType: string; tags: readonly string[] };

const word = { type: 'string', minLength: 1, maxLength: 100 };

const check = schemaCheck<Body>({
  type: 'object',
  properties: {
    agent: word,
    input: { type: 'string', minLength: 1 },
    input_type: word,
    tags: { type: 'array', items: word, maxItems: 20 },
  },
  required: ['input'],
  additionalProperties: false,
});

/** Parses the body of a task; `input_type` is "text" when not given. Throws `CoreError` `invalid_task`. */
export function parseTask(body: unknown): TaskRequest {
  const checked = check(body);
  if (!checked.ok) {
    throw new CoreError('invalid_task', `The task is not valid: ${checked.problems.join('; ')}`, {
      problems: checked.problems,
    });
  }
  const { agent, input, input_type: inputType = 'text', tags = [] } = checked.value;
  return { ...(agent === undefined ? {} : { agent }), input, inputType, tags: [...new Set(tags)] };
}
