import type { SecureContextOptions } from 'node:tls';
import type { TlsOptions } from './messages.ts';

/** The caller's CA, certificate and key as Node's `tls` takes them. */
export function secureOptions(tls: TlsOptions | undefined): SecureContextOptions {
  if (tls === undefined) return {};
  // structured clone makes a Uint8Array of a Buffer, and Node's tls wants the Buffer
  const bytes = (pem: string | Uint8Array) => (typeof pem === 'string' ? pem : Buffer.from(pem));
  const options: SecureContextOptions = {};
  if (tls.ca !== undefined) {
    options.ca =
      typeof tls.ca === 'string' || tls.ca instanceof Uint8Array ? bytes(tls.ca) : tls.ca.map(bytes);
  }
  if (tls.cert !== undefined) options.cert = bytes(tls.cert);
  if (tls.key !== undefined) options.key = bytes(tls.key);
  return options;
}
