/** The `storage:` section: where the ledger is kept. Left out: in files of the data folder. */
import { z } from 'zod';
import { secretFile } from './channels/shapes.ts';
import { parseDatabaseUrl } from './database-url.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;

const databaseUrl = z
  .string()
  .refine(
    (url) => parseDatabaseUrl(url) !== undefined,
    'must be postgres://user@host:5432/database, with several hosts as host1,host2; the password belongs in password_file, TLS in tls',
  );

export const storageSchema = z
  .strictObject({
    url: databaseUrl
      .optional()
      .describe('PostgreSQL 15 or newer instead of files: postgres://user@host:5432/database. Of several hosts the primary is found and followed.'),
    read_url: databaseUrl
      .optional()
      .describe(
        'A standby for boards, exports and /metrics; what stops users reads the primary. User and password as for url, if it names the same user.',
      ),
    password_file: secretFile
      .optional()
      .describe('File with the password of the user. Read at each connection, so that a changed one needs no restart.'),
    tls: z
      .strictObject({
        ca_file: z.string().optional().describe('Certificates that the server may be signed by. Default: those that Node knows.'),
        server_name: z.string().optional().describe('Name in the certificate of the server, where it is not that of the host.'),
      })
      .optional()
      .describe('Connect with TLS, and check the certificate of the server. Needed for hosts that are not this machine.'),
    insecure: z.boolean().default(false).describe('Allow connections without TLS to other machines.'),
    connections: z.number().int().min(1).max(100).default(4).describe('Connections for questions, beside one that writes.'),
  })
  .superRefine(({ url, read_url: readUrl, tls, insecure }, context) => {
    if (readUrl !== undefined && url === undefined) context.addIssue({ code: 'custom', path: ['read_url'], message: 'needs storage.url' });
    if (tls !== undefined || insecure) return;
    for (const [key, value] of Object.entries({ url, read_url: readUrl })) {
      const other = value === undefined ? undefined : parseDatabaseUrl(value)?.hosts.find(({ host }) => !LOOPBACK.test(host));
      if (other === undefined) continue;
      const message = `names another machine, "${other.host}", and storage.tls is not set; set it (tls: {} takes certificates that Node knows), or insecure: true`;
      context.addIssue({ code: 'custom', path: [key], message });
    }
  });
