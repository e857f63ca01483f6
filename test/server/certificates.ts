/** Throw-away certificates from the openssl command line: a CA, a server and a client certificate of it, and a client of another CA. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificates {
  readonly folder: string;
  path(name: string): string;
  read(name: string): Buffer;
  remove(): void;
}

/** Files: ca.crt, server.crt, server.key, client.crt, client.key, stranger.crt, stranger.key. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerline-tls-'));
  const openssl = (...args: string[]): unknown => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const authority = (name: string): unknown =>
    openssl('req', '-x509', ...key, '-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=${name}`);
  const issue = (name: string, ca: string, alternative: string): void => {
    const signed = [
      '-CA',
      `${ca}.crt`,
      '-CAkey',
      `${ca}.key`,
      '-addext',
      `subjectAltName=${alternative}`,
      '-addext',
      'basicConstraints=critical,CA:FALSE',
    ];
    openssl('req', '-x509', ...key, '-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=${name}`, ...signed);
  };
  authority('ca');
  authority('other-ca');
  issue('server', 'ca', 'DNS:localhost,IP:127.0.0.1');
  issue('client', 'ca', 'DNS:client');
  issue('stranger', 'other-ca', 'DNS:stranger');
  const path = (name: string): string => join(folder, name);
  return { folder, path, read: (name) => readFileSync(path(name)), remove: () => rmSync(folder, { recursive: true }) };
}
