import { ArtifactError, type ArtifactErrorCode } from '../errors.ts';
import { shown } from './shown.ts';

interface Rule {
  readonly pattern: RegExp;
  readonly words: string;
  readonly example: string;
  readonly code: ArtifactErrorCode;
}

/*
 * The patterns of the contract's schemas, which are frozen. They are written out here because Ajv, which the
 * contract's validators need, would hold Core's event loop for some 50 ms at its first use; a test holds them against
 * those validators.
 */
const NAME: Rule = {
  pattern: /^(?![.]{1,2}$)[A-Za-z0-9_.-]{1,255}(?!\n)$/u,
  words: '1 to 255 of A-Z a-z 0-9 - _ . and neither . nor .. alone',
  example: 'llama-3-8b-instruct',
  code: 'invalid_name',
};
const VERSION: Rule = {
  pattern: /^(?! )(?![.]{1,2}$)[ !#-)+-.0-9;=@-[\]-{}~]{1,100}(?<! )(?!\n)$/u,
  words:
    '1 to 100 printable ASCII characters, none of / \\ : * ? " < > |, no space at either end, and neither . nor .. alone',
  example: 'v3.1.0',
  code: 'invalid_name',
};
const DIGEST: Rule = {
  pattern: /^sha256:[0-9A-Fa-f]{64}(?!\n)$/u,
  words: 'sha256: and 64 hex digits',
  example: `sha256:${'0123456789abcdef'.repeat(4)}`,
  code: 'invalid_argument',
};
const ACTOR: Rule = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the rule
  pattern: /^[^\u0000-\u001f\u007f-\u009f]{1,500}(?!\n)$/u,
  words: '1 to 500 characters of Unicode, none of them control characters',
  example: 'training-cluster-5',
  code: 'invalid_argument',
};
const TIMESTAMP: Rule = {
  pattern:
    /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)([.][0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])?(?!\n)$/u,
  words: 'a time in ISO 8601',
  example: '2026-01-29T10:30:00.000Z',
  code: 'invalid_argument',
};

/** The field as a bucket_id or artifact_id of CONTRACT B, or an `invalid_name`. */
export const nameOf = (field: string, value: unknown): string => held(NAME, field, value);

export const versionOf = (field: string, value: unknown): string => held(VERSION, field, value);

/** In lower case, as Bucket stores it. */
export const digestOf = (field: string, value: unknown): string => held(DIGEST, field, value).toLowerCase();

export const timestampOf = (field: string, value: unknown): string => held(TIMESTAMP, field, value);

/** An uploaded_by or provenance_source that HTTP can carry unchanged: it trims spaces at both ends of a header. */
export function actorOf(field: string, value: unknown): string {
  const actor = held(ACTOR, field, value);
  if (/^ | $/.test(actor) || Buffer.from(actor, 'utf8').toString('utf8') !== actor) {
    throw refusal(field, value, 'must have no space at either end and no half of a surrogate pair: trim it');
  }
  return actor;
}

export function isStoredDigest(value: unknown): value is string {
  return typeof value === 'string' && DIGEST.pattern.test(value) && value === value.toLowerCase();
}

export function isVersion(value: unknown): value is string {
  return typeof value === 'string' && VERSION.pattern.test(value);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

export function refusal(
  field: string,
  value: unknown,
  must: string,
  code: ArtifactErrorCode = 'invalid_argument',
): ArtifactError {
  return new ArtifactError(code, `${field} is ${shown(value)} but ${must}.`, { details: { field } });
}

function held(rule: Rule, field: string, value: unknown): string {
  if (value === undefined || value === null || value === '') {
    const message = `${field} is ${value === '' ? 'empty' : 'missing'}: add it, for example "${rule.example}".`;
    throw new ArtifactError(rule.code, message, { details: { field } });
  }
  if (typeof value === 'string' && rule.pattern.test(value)) return value;
  const must = `must be ${rule.words}: send one that is, for example "${rule.example}"`;
  throw refusal(field, value, must, rule.code);
}
