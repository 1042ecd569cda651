import { shown } from '../shown.ts';
import type { VersionKey } from '../stores/registry-store.ts';
import { RegistryError } from './errors.ts';
import { aliasOf, digestOf, logicalIdOf, versionOf } from './names.ts';

/**
 * What a reference names: `name:alias`, `name@version` or `name@sha256:…`. A logical id has neither `:` nor `@`, and a
 * version has no `:`, so there is one reading. A bare name is refused: what it would stand for is for the caller to say.
 * Throws RegistryError `invalid_reference`, or `invalid_name` or `invalid_argument` for the part that breaks its rule.
 */
export function parseReference(reference: unknown): VersionKey {
  const [, name, mark, rest = ''] =
    (typeof reference === 'string' && /^([^:@]*)([:@])(.*)$/su.exec(reference)) || [];
  if (name === undefined) {
    const example = typeof reference === 'string' && reference !== '' ? reference : 'llama-3-8b';
    const message = `The reference ${shown(reference)} does not say which version: write "name:alias", "name@version" or "name@sha256:…", for example ${shown(`${example}:latest`)}.`;
    throw new RegistryError('invalid_reference', message, { found: shown(reference) });
  }
  const of = `of the reference ${shown(reference)}`;
  const logicalId = logicalIdOf(`The name ${of}`, name);
  if (mark === ':') return { logicalId, alias: aliasOf(`The alias ${of}`, rest) };
  if (rest.startsWith('sha256:')) return { logicalId, digest: digestOf(`The digest ${of}`, rest) };
  return { logicalId, version: versionOf(`The version ${of}`, rest) };
}

/** The text that `parseReference` reads. */
export function formatReference(key: VersionKey): string {
  // the version first: a whole record has a digest too, and is known to people by its version
  if ('version' in key) return `${key.logicalId}@${key.version}`;
  return 'digest' in key ? `${key.logicalId}@${key.digest}` : `${key.logicalId}:${key.alias}`;
}
