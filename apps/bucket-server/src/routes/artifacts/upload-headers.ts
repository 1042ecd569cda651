import type { IncomingMessage } from 'node:http';
import type { ErrorCode, UploadHeaders } from '@bhiv/contracts';
import { checkUploadHeaders, type Problem } from '@bhiv/contracts/validators';
import { RequestError } from '../../errors.ts';
import { decodeOctets } from '../../http/decode-percent.ts';
import { shorten } from '../../shorten.ts';

const NAMES = [
  'x-artifact-version',
  'x-artifact-digest',
  'x-uploaded-by',
  'x-provenance-source',
  'x-created-at',
] as const;

/** What the headers of an upload say, checked (CONTRACT B1). `digest` is in lower case, the rest as sent. */
export type UploadFields = {
  readonly version: string;
  readonly digest: string;
  readonly uploadedBy: string;
  readonly provenanceSource: string;
  /** undefined: the client leaves it to Bucket. */
  readonly createdAt: string | undefined;
};

/**
 * Reads the headers of an upload. Throws RequestError `missing_header`, `invalid_name` (the version), or
 * `invalid_header` (given twice, not UTF-8, or against its rule); all problems are told at once, missing headers first.
 */
export function readUploadHeaders(request: IncomingMessage): UploadFields {
  const headers = Object.fromEntries(
    NAMES.map((name) => [name, headerValue(request, name)]).filter(([, value]) => value !== undefined),
  );
  const problems = checkUploadHeaders(headers);
  if (problems.length > 0) throw refusal(problems);
  const valid = headers as unknown as UploadHeaders; // what checkUploadHeaders has just found
  return {
    version: valid['x-artifact-version'],
    digest: valid['x-artifact-digest'].toLowerCase(),
    uploadedBy: valid['x-uploaded-by'],
    provenanceSource: valid['x-provenance-source'],
    createdAt: valid['x-created-at'],
  };
}

/** The value of a header that may come once; header values are octets, and ours are UTF-8. */
function headerValue(request: IncomingMessage, name: string): string | undefined {
  const values = request.headersDistinct[name] ?? [];
  const [octets] = values;
  if (octets === undefined) return undefined;
  if (values.length > 1) {
    const message = `${name} is given ${values.length} times: send it once.`;
    throw new RequestError('invalid_header', message, { field: name, values: values.length });
  }
  const value = decodeOctets(octets);
  if (value !== undefined) return value;
  const shown = shorten(JSON.stringify(octets));
  const message = `${name} is ${shown} (its octets as Latin-1), which is not UTF-8: send UTF-8.`;
  throw new RequestError('invalid_header', message, { field: name, value: shown });
}

function refusal(found: readonly Problem[]): RequestError {
  const isMissing = ({ rule }: Problem) => rule === 'required';
  const problems = [...found.filter(isMissing), ...found.filter((problem) => !isMissing(problem))];
  const [first] = problems;
  const message = problems.map((problem) => problem.message).join(' ');
  return new RequestError(codeOf(first), message, { field: first?.field, value: first?.value, problems });
}

function codeOf(problem: Problem | undefined): ErrorCode {
  if (problem?.rule === 'required') return 'missing_header';
  return problem?.field === 'x-artifact-version' ? 'invalid_name' : 'invalid_header';
}
