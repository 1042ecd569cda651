import { parseReference } from '@bhiv/artifact-registry';
import { wrongUse } from './cli-error.ts';

/** `model@version`, a version that need not be there yet. Throws also RegistryError. */
export function parseNewVersion(text: string): { readonly model: string; readonly version: string } {
  const key = parseReference(text);
  if ('version' in key) return { model: key.logicalId, version: key.version };
  throw wrongUse(
    `"${text}" does not name a new version: write model@version, for example llama-3-8b@v3.1.0.`,
  );
}

/** `model:alias`, or a model alone, which stands for its `latest`. Throws RegistryError. */
export function parseAlias(text: string): { readonly model: string; readonly alias: string } {
  const key = parseReference(/[:@]/.test(text) ? text : `${text}:latest`);
  if ('alias' in key) return { model: key.logicalId, alias: key.alias };
  throw wrongUse(`"${text}" does not name an alias: write model:alias, for example llama-3-8b:production.`);
}
