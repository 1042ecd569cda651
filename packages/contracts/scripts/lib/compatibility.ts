import { ROLES, type Role } from './roles.ts';
import type { JsonObject } from './schemas.ts';
import { reasonsAgainstSubset } from './subset.ts';
import { assertUnderstood, NotUnderstood } from './understood.ts';

export type SchemaSet = ReadonlyMap<string, JsonObject>;

/** Which schema of an older Bucket must take what a newer producer sends. */
const TAKEN_BY: Readonly<Record<string, string>> = { 'produced-event': 'event-data' };

/**
 * Says why a newer minor is not proven to be compatible with the one before it; an empty array is the proof:
 * a newer Bucket takes everything that the older one took, an older reader understands everything that a newer
 * Bucket answers, and an older Bucket takes everything that a newer producer sends. It fails closed: a schema
 * without a role and a construct that it does not know are reasons too.
 */
export function reasonsAgainstCompatibility(older: SchemaSet, newer: SchemaSet): string[] {
  try {
    assertUnderstood(older);
    assertUnderstood(newer);
    return [
      ...[...newer.keys()].filter((name) => roleOf(name) === undefined).map((name) => `${name}: has no role`),
      ...[...older.keys()].flatMap((name) => reasonsAgainst(name, older, newer)),
    ];
  } catch (error) {
    if (error instanceof NotUnderstood) return [error.message];
    throw error;
  }
}

function reasonsAgainst(name: string, older: SchemaSet, newer: SchemaSet): string[] {
  if (!newer.has(name)) return [`${name}: was removed`];
  const before = located(name, older);
  const after = located(name, newer);
  switch (roleOf(name)) {
    case 'received':
    case 'catalogue':
      return reasonsAgainstSubset(before, after, name);
    case 'answered':
      return reasonsAgainstSubset(after, before, name);
    case 'produced':
      return reasonsAgainstSubset(after, located(TAKEN_BY[name] ?? name, older), name);
    case 'part':
      return []; // compared wherever a schema with another role refers to it
    case undefined:
      return [`${name}: has no role`];
  }
}

function roleOf(name: string): Role | undefined {
  return Object.hasOwn(ROLES, name) ? ROLES[name] : undefined;
}

function located(name: string, set: SchemaSet) {
  return { schema: set.get(name) ?? false, set };
}
