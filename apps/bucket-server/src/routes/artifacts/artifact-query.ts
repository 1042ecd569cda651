import type { IncomingMessage } from 'node:http';
import { checkGetArtifactQuery } from '@bhiv/contracts/validators';
import { RequestError } from '../../errors.ts';
import { queryParameter, refuseOtherParameters } from '../../http/query.ts';

const PARAMETERS = ['version', 'digest', 'metadata_only'];

export type ArtifactQuery = {
  readonly version: string;
  /** In lower case. */
  readonly digest: string | undefined;
  readonly metadataOnly: boolean;
};

/**
 * The query of a download (CONTRACT B2). Throws RequestError `missing_parameter` (version), `invalid_name` (version),
 * `invalid_parameter` (the others), and `not_found` for parameters that Bucket does not have, `latest` among them.
 */
export function readArtifactQuery(request: IncomingMessage): ArtifactQuery {
  refuseOtherParameters(request, PARAMETERS);
  const values = PARAMETERS.map((name) => [name, queryParameter(request, name)] as const);
  const given = Object.fromEntries(values.filter(([, value]) => value !== undefined));
  const problems = checkGetArtifactQuery(given);
  const [problem] = problems;
  if (problem !== undefined) {
    const message = problems.map((each) => each.message).join(' ');
    throw new RequestError(codeOf(problem), message, { field: problem.field, value: problem.value });
  }
  const { version = '', digest, metadata_only } = given;
  return { version, digest: digest?.toLowerCase(), metadataOnly: metadata_only === 'true' };
}

function codeOf({ rule, field }: { readonly rule: string; readonly field: string }) {
  if (rule === 'required') return 'missing_parameter';
  return field === 'version' ? 'invalid_name' : 'invalid_parameter';
}
