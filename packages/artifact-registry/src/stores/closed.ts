import { RegistryError } from '../registry/errors.ts';

export function closedError(): RegistryError {
  return new RegistryError('closed', 'The registry is closed: open it anew.');
}
