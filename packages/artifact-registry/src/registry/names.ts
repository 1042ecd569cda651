import { shown } from '../shown.ts';
import { LATEST } from '../stores/registry-store.ts';
import { RegistryError, type RegistryErrorCode } from './errors.ts';

interface Rule {
  readonly pattern: RegExp;
  readonly words: string;
  readonly example: string;
  readonly code: RegistryErrorCode;
}

/*
 * The patterns of the contract's schemas, which are frozen. They are written out here because Ajv, which the
 * contract's validators need, would hold the caller's event loop for some 50 ms at its first use; a test holds them
 * against those validators.
 */
const NAME: Rule = {
  pattern: /^(?![.]{1,2}$)[A-Za-z0-9_.-]{1,255}(?!\n)$/u,
  words: '1 to 255 of A-Z a-z 0-9 - _ . and neither . nor .. alone',
  example: 'llama-3-8b',
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
  pattern: /^[^\p{Cc}\p{Cs}]{1,500}$/u,
  words: '1 to 500 characters of Unicode, none of them control characters',
  example: 'trainer-7',
  code: 'invalid_argument',
};
const TIMESTAMP: Rule = {
  pattern:
    /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)([.][0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])?(?!\n)$/u,
  words: 'a time in ISO 8601',
  example: '2026-01-29T10:30:00.000Z',
  code: 'invalid_argument',
};

/* And the registry's own. */
const PREFIX: Rule = {
  pattern: /^[A-Za-z0-9_.-]{1,255}(?!\n)$/u,
  words: '1 to 255 of A-Z a-z 0-9 - _ .',
  example: 'llama-',
  code: 'invalid_name',
};
const ALIAS: Rule = {
  pattern: /^(?![.]{1,2}$)[A-Za-z0-9_.-]{1,100}(?!\n)$/u,
  words: '1 to 100 of A-Z a-z 0-9 - _ . and neither . nor .. alone',
  example: 'production',
  code: 'invalid_name',
};
const TAG: Rule = {
  pattern: /^[A-Za-z0-9_.:/=+@-]{1,100}(?!\n)$/u,
  words: '1 to 100 of A-Z a-z 0-9 - _ . : / = + @',
  example: 'task=code',
  code: 'invalid_name',
};

/**
 * The name of something in the registry. Its rule is that of an artifact_id (CONTRACT B): without `:`, `@` and `/` a
 * reference has one reading. Throws RegistryError `invalid_name`.
 */
export const logicalIdOf = (field: string, value: unknown): string => held(NAME, field, value);

/** What logical ids may begin with. Throws RegistryError `invalid_name`. */
export const prefixOf = (field: string, value: unknown): string => held(PREFIX, field, value);

/** A bucket_id or an artifact_id of CONTRACT B. Throws RegistryError `invalid_name`. */
export const artifactNameOf = (field: string, value: unknown): string => held(NAME, field, value);

/** A version of CONTRACT B. Throws RegistryError `invalid_name`. */
export const versionOf = (field: string, value: unknown): string => held(VERSION, field, value);

/** In lower case, as Bucket stores it. Throws RegistryError `invalid_argument`. */
export const digestOf = (field: string, value: unknown): string => held(DIGEST, field, value).toLowerCase();

export const timestampOf = (field: string, value: unknown): string => held(TIMESTAMP, field, value);

/** Throws RegistryError `invalid_name`. */
export const aliasOf = (field: string, value: unknown): string => held(ALIAS, field, value);

/** An alias that may be moved: `latest`, however it is spelled, is refused as `alias_reserved`. */
export function movableAliasOf(field: string, value: unknown): string {
  const alias = aliasOf(field, value);
  if (alias.toLowerCase() !== LATEST) return alias;
  const message = `${field} is ${shown(alias)}, which is reserved: "${LATEST}" is the version that was registered last, and only registering moves it. Use a name of your own, for example "${ALIAS.example}".`;
  throw new RegistryError('alias_reserved', message, { found: alias });
}

/** Whoever does something: the rule of uploaded_by, and none of the words that name nobody (CONTRACT B5). */
export function actorOf(field: string, value: unknown): string {
  const actor = held(ACTOR, field, value);
  if (actor.trim() !== actor) throw refusal(field, value, 'must have no space at either end: trim it');
  if (/^(unknown|system)$/i.test(actor)) {
    throw refusal(field, value, `must name somebody, for example "${ACTOR.example}"`);
  }
  return actor;
}

/** Tags, none twice. Throws RegistryError `invalid_name` or `invalid_argument`. */
export function tagsOf(field: string, value: unknown): string[] {
  if (!Array.isArray(value)) throw refusal(field, value, 'must be an array of tags');
  return [...new Set(value.map((tag: unknown, index) => held(TAG, `${field}[${index}]`, tag)))];
}

/** A whole number in its bounds. Throws RegistryError `invalid_argument`. */
export function countOf(
  field: string,
  value: unknown,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= from && value <= to) return value;
  throw refusal(field, value, `must be a whole number from ${from} to ${to}`);
}

/** One of a few words. Throws RegistryError `invalid_argument`. */
export function oneOf<Word extends string>(field: string, value: unknown, words: readonly Word[]): Word {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw refusal(field, value, `must be one of ${words.map((word) => `"${word}"`).join(', ')}`);
}

/** An error that names the field, shows its value and says what must be. */
export function refusal(
  field: string,
  value: unknown,
  must: string,
  code: RegistryErrorCode = 'invalid_argument',
): RegistryError {
  const found = typeof value === 'string' || typeof value === 'number' ? value : undefined;
  return new RegistryError(code, `${field} is ${shown(value)} but ${must}.`, { found, details: { field } });
}

function held(rule: Rule, field: string, value: unknown): string {
  if (value === undefined || value === null || value === '') {
    const message = `${field} is ${value === '' ? 'empty' : 'missing'}: add it, for example "${rule.example}".`;
    throw new RegistryError(rule.code, message, { expected: rule.words, details: { field } });
  }
  if (typeof value === 'string' && rule.pattern.test(value)) return value;
  const must = `must be ${rule.words}: send one that is, for example "${rule.example}"`;
  throw refusal(field, value, must, rule.code);
}
