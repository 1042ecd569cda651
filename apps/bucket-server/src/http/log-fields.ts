import type { ServerResponse } from 'node:http';

export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

const fieldsOf = new WeakMap<ServerResponse, LogFields>();

/** Adds fields to whatever line the log gets of the request that is being answered, refusals and failures included. */
export function addLogFields(response: ServerResponse, fields: LogFields): void {
  fieldsOf.set(response, { ...fieldsOf.get(response), ...fields });
}

export function logFields(response: ServerResponse): LogFields {
  return fieldsOf.get(response) ?? {};
}
