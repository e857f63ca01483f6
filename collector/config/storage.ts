/** The `storage:` section: where the ledger is kept. Left out: in files of the data folder. */
import { z } from 'zod';
import { secretFile } from './channels/shapes.ts';

export interface DatabaseHost {
  readonly host: string;
  readonly port: number;
}

export interface DatabaseAddress {
  readonly user: string;
  /** In the order they are tried. */
  readonly hosts: readonly DatabaseHost[];
  readonly database: string;
}

const DEFAULT_PORT = 5432;
/** User, hosts with ports, database. An IPv6 address stands in brackets. */
const ADDRESS =
  /^postgres(?:ql)?:\/\/([^:@/?#\s]+)@((?:\[[\da-f:.]+\]|[^:@/?#,\s[\]]+)(?::\d{1,5})?(?:,(?:\[[\da-f:.]+\]|[^:@/?#,\s[\]]+)(?::\d{1,5})?)*)\/([^/?#\s]+)$/i;

/** Undefined of what is no address of a database. */
export function parseDatabaseUrl(url: string): DatabaseAddress | undefined {
  const [, user, hosts, database] = ADDRESS.exec(url) ?? [];
  if (user === undefined || hosts === undefined || database === undefined) return undefined;
  const listed = hosts.split(',').map(hostOf);
  if (listed.some(({ port }) => port < 1 || port > 65_535)) return undefined;
  return { user: decodeURIComponent(user), hosts: listed, database: decodeURIComponent(database) };
}

function hostOf(text: string): DatabaseHost {
  const [, bracketed, name, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  return { host: bracketed ?? name ?? text, port: Number(port ?? DEFAULT_PORT) };
}

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
