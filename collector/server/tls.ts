/** Certificate files as a whole that works, and as something that can be replaced while connections live. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';

/** PEM texts. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  /** Present when clients must prove themselves with a certificate of this CA. */
  readonly clientCa?: string;
}

/** What listeners present: `current` now, and whatever replaces it. */
export interface TlsSource {
  readonly current: TlsMaterial;
  onChange(listener: (material: TlsMaterial) => void): void;
}

function read(key: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new LedgerlineError('invalid', `server.tls.${key}: cannot read ${file}.`, {
      cause,
      hint: 'Check the path and the permissions of the file.',
    });
  }
}

/** Throws `invalid` naming the key when a file is missing, or certificate and key do not belong together. */
export function loadTls(tls: Config['server']['tls']): TlsMaterial | undefined {
  if (tls === undefined) return undefined;
  const cert = read('cert_file', tls.cert_file);
  const key = read('key_file', tls.key_file);
  const clientCa = tls.client_ca_file === undefined ? undefined : read('client_ca_file', tls.client_ca_file);
  try {
    createSecureContext({ cert, key, ca: clientCa });
  } catch (cause) {
    throw new LedgerlineError('invalid', 'server.tls: the certificate, its key and the client CA cannot be used together.', {
      cause,
      hint: 'Check that all are PEM files and that key_file belongs to cert_file.',
    });
  }
  return { cert, key, ...(clientCa !== undefined && { clientCa }) };
}
