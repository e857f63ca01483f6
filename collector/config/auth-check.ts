/** Rules of `auth` that span several sections. */
import type { Config } from './config.ts';
import type { Mistake } from './mistakes.ts';

/** Without a CA nobody is asked for a certificate, and everybody would be kept out. */
export function certificateMistakes({ auth, server }: Pick<Config, 'auth' | 'server'>): readonly Mistake[] {
  if (auth.certificates.length === 0 || server.tls?.client_ca_file !== undefined) return [];
  return [{ path: ['auth', 'certificates'], about: 'key', sentence: 'needs server.tls.client_ca_file, the CA that signed these certificates' }];
}
