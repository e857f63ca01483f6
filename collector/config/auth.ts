/** The section `auth`: who may send and read, by token, by client certificate, or signed in. */
import { z } from 'zod';
import { jobSchema } from './job.ts';
import { oidcSchema } from './oidc.ts';
import { checkReader, readScopeSchema } from './read-scope.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/i, 'must be the SHA-256 of the token, 64 hex digits (`ledgerline token hash`)');

const ROLES = ['ingest', 'read', 'admin', 'scim'] as const;
const role = z
  .enum(ROLES)
  .default('ingest')
  .describe('ingest: may send telemetry. read: may query. admin: both. scim: may keep the directory over SCIM, and nothing else.');

/** Who a sender is, by the token or the certificate that it proves itself with. */
const owner = {
  organization: z.string().optional(),
  team: z.string().optional(),
  user: z.string().optional(),
  workspace: z.string().optional(),
  job: jobSchema.optional(),
};

const scope = readScopeSchema.optional();

const token = z
  .strictObject({
    name: z.string().min(1).describe('Shown in logs and counters instead of the token.'),
    sha256: sha256.optional().describe('SHA-256 of the token in hex; the token itself is never stored.'),
    token_file: z.string().optional().describe('File that holds the token; only its hash is kept. A changed file is read again.'),
    role,
    sends: z
      .literal('api_spans')
      .optional()
      .describe(
        "What comes with it: api_spans for the OpenTelemetry export of Anthropic's own API and nothing else. Default: telemetry of Claude Code.",
      ),
    ...owner,
    scope,
  })
  .refine(({ sends, role }) => sends === undefined || role === 'ingest', { path: ['role'], message: 'is ingest where sends is api_spans' })
  .refine((value) => (value.sha256 === undefined) !== (value.token_file === undefined), 'needs exactly one of sha256 and token_file')
  .superRefine(checkReader);

const certificate = z
  .strictObject({
    subject: z
      .string()
      .min(1)
      .describe('Subject of a client certificate: a common name, or attributes such as "CN=collector-1,O=Example", which the subject must all have.'),
    name: z.string().min(1).describe('Shown in logs and counters.'),
    role,
    ...owner,
    scope,
  })
  .superRefine(checkReader);

export const authSchema = z.strictObject({
  tokens: z.array(token).default([]),
  certificates: z
    .array(certificate)
    .default([])
    .describe('Who the clients with a certificate of server.tls.client_ca_file are. With any entry, no other subject may do anything.'),
  oidc: oidcSchema.optional().describe('Sign-in for people, by OpenID Connect. With it, nobody reads without a token or a sign-in.'),
});
