import { shown } from '../shown.ts';
import type {
  AliasChange,
  ContentField,
  Registration,
  RegistryStore,
  StoredVersion,
  VersionKey,
  VersionRef,
} from '../stores/registry-store.ts';
import { RegistryError } from './errors.ts';
import { formatReference } from './reference.ts';

/** How many aliases a logical id may have. */
export const MAX_ALIASES = 1000;

/** How many names a message shows. */
const SHOWN_NAMES = 5;

export function versionExists(
  stored: StoredVersion,
  sent: Registration,
  differing: readonly ContentField[],
): RegistryError {
  const [first = 'digest'] = differing;
  const name = `${stored.logicalId}@${stored.version}`;
  const message = `${shown(name)} is registered with another ${differing.join(', ')}: ${first} is ${words(stored[first])} there and ${words(sent[first])} here. A version never changes: register what you have under a new version.`;
  const [expected, found] = [plain(stored[first]), plain(sent[first])];
  return new RegistryError('version_exists', message, { expected, found, details: { differing } });
}

export function parentNotFound(child: VersionRef, parent: VersionRef): RegistryError {
  const [childName, parentName] = [formatReference(child), formatReference(parent)];
  const message = `${shown(parentName)}, a parent of ${shown(childName)}, is not registered: register it first, or leave it out of parents.`;
  return new RegistryError('parent_not_found', message, { expected: parentName, details: { parent } });
}

export function aliasConflict(
  { logicalId, alias, expected }: AliasChange,
  found: string | null,
): RegistryError {
  const is = found === null ? 'is not there' : `points at ${shown(found)}`;
  const should = expected === null ? 'not to be there' : `to point at ${shown(expected)}`;
  const message = `The alias ${shown(`${logicalId}:${alias}`)} ${is} and was expected ${should}: somebody else has changed it. Look at it again, then decide anew. Nothing was changed.`;
  return new RegistryError('alias_conflict', message, { expected, found });
}

export function tooManyAliases({ logicalId, alias }: AliasChange): RegistryError {
  const message = `${shown(logicalId)} has ${MAX_ALIASES} aliases, so ${shown(alias)} cannot be added: remove some, or mark versions with tags.`;
  return new RegistryError('too_many_aliases', message, { expected: MAX_ALIASES });
}

/** Says what is not there, and what is there instead. */
export async function notFound(store: RegistryStore, key: VersionKey): Promise<RegistryError> {
  const { logicalId } = key;
  const { versions, next } = await store.search({
    logicalId,
    tags: [],
    latestOnly: false,
    limit: SHOWN_NAMES,
  });
  const newest = listed(
    versions.map(({ version }) => version),
    next !== null,
  );
  const code = 'alias' in key ? 'alias_not_found' : 'version_not_found';
  const details = { reference: formatReference(key) };
  if (versions.length === 0) {
    const message = `Nothing is registered as ${shown(logicalId)}: look at the name, or register a version first.`;
    return new RegistryError(code, message, { details });
  }
  if ('alias' in key) {
    const aliases = await store.aliases(logicalId);
    const names = listed(
      aliases.slice(0, SHOWN_NAMES).map(({ alias }) => alias),
      aliases.length > SHOWN_NAMES,
    );
    const message = `${shown(logicalId)} has no alias ${shown(key.alias)}: its aliases are ${names}.`;
    return new RegistryError(code, message, { details });
  }
  const what =
    'digest' in key ? `version with the digest ${shown(key.digest)}` : `version ${shown(key.version)}`;
  const message = `${shown(logicalId)} has no ${what}: its newest are ${newest}.`;
  return new RegistryError(code, message, { details });
}

function listed(names: readonly string[], hasMore: boolean): string {
  return `${names.map((name) => shown(name)).join(', ')}${hasMore ? ', …' : ''}`;
}

function words(value: StoredVersion[ContentField]): string {
  return typeof value === 'object' ? `[${value.map(formatReference).join(', ')}]` : shown(value);
}

function plain(value: StoredVersion[ContentField]): string | number {
  return typeof value === 'object' ? words(value) : value;
}
