/** Every setting: its shape, its default and its check, in one place. Unknown keys are errors; a secret has a `_file` twin. */
import { z } from 'zod';
import { DIMENSION_NAMES, DIMENSIONS, type DimensionName } from '../catalog/measures.ts';
import { PORTS } from '../catalog/names.ts';
import { alertsSchema } from './alerts.ts';
import { authSchema } from './auth.ts';
import { benchmarksSchema, rateLimitsSchema } from './benchmarks.ts';
import { budgetRequestsSchema } from './budget-requests.ts';
import { type BudgetConfig, budgetSchema } from './budgets.ts';
import { httpUrl } from './channels/shapes.ts';
import { directorySchema } from './directory.ts';
import { exportsSchema } from './exports.ts';
import { expositionSchema } from './exposition.ts';
import { gatewaySchema } from './gateway.ts';
import { guardSchema } from './guard.ts';
import { importsSchema } from './imports.ts';
import { logSchema } from './log.ts';
import { plansSchema } from './plans.ts';
import { pricesSchema } from './prices.ts';
import { reconcileSchema } from './reconcile.ts';
import { roleSchema } from './role.ts';
import { timeZone, weekStart } from './shapes.ts';
import { storageSchema } from './storage.ts';

const port = z.number().int().min(0).max(65535);
const count = z.number().int().min(1);
const MEBIBYTE = 1024 * 1024;

const tls = z.strictObject({
  cert_file: z.string(),
  key_file: z.string(),
  client_ca_file: z.string().optional().describe('When set, clients must present a certificate signed by this CA (mTLS).'),
});

const server = z.strictObject({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address that all four ports bind to. Any but loopback needs auth.tokens, server.tls.client_ca_file or insecure: true.'),
  otlp_grpc_port: port.default(PORTS.otlpGrpc),
  otlp_http_port: port.default(PORTS.otlpHttp),
  api_port: port.default(PORTS.api),
  metrics_port: port.default(PORTS.metrics),
  public_url: httpUrl
    .optional()
    .describe('Address of the page as its readers have it, for links in messages. Default: `auth.oidc.base_url`; without either, links are paths.'),
  insecure: z.boolean().default(false).describe('Allow binding to an address other than loopback although nobody has to prove who they are.'),
  allowed_hosts: z
    .array(z.string().min(1))
    .default([])
    .describe('Names that requests may be sent to (the Host header), beside those of this machine. When set, the ports answer to no other.'),
  tls: tls.optional(),
});

const values = z
  .strictObject(
    Object.fromEntries(DIMENSION_NAMES.map((name) => [name, count.default(DIMENSIONS[name].valuesMax)])) as Record<
      DimensionName,
      z.ZodDefault<z.ZodNumber>
    >,
  )
  .prefault({})
  .describe('Values of each dimension that are kept apart; further ones become "(other)". Values that are not seen for 30 days make room.');

const limits = z.strictObject({
  body_bytes: count.default(16 * MEBIBYTE).describe('Largest body of an export over HTTP, as sent and after decompression.'),
  grpc_message_bytes: count.default(4 * MEBIBYTE).describe('Largest export over gRPC, as sent and after decompression.'),
  decoded_bytes: count.default(96 * MEBIBYTE).describe('Memory that one export may take when decoded, estimated before it is.'),
  records_per_export: count.default(10_000).describe('Log records, data points or spans. An OpenTelemetry Collector sends 8,192 at once.'),
  attributes_per_record: count.default(256),
  attribute_value_bytes: count.default(1024 * 1024),
  nesting: count.default(16).describe('Deepest nesting of an attribute value.'),
  pending_exports: count.default(1024).describe('Exports waiting for the ledger. Beyond it, HTTP responds with 503 and gRPC waits.'),
  pending_bytes: count
    .default(64 * MEBIBYTE)
    .describe('Bytes of exports that are arriving or waiting. Beyond it, HTTP responds with 503 and gRPC waits.'),
  pending_records: count.default(100_000).describe('Records of exports waiting for the ledger. Beyond it, HTTP responds with 503 and gRPC waits.'),
  pending_wait_ms: count.default(10_000).describe('How long a gRPC export may wait for a free place.'),
  connections: count.default(20_000).describe('Open connections of each OTLP port; the API and /metrics take at most 1,000 each.'),
  connections_per_address: count
    .default(5_000)
    .describe('The same from one address (IPv6: from one /64); the API and /metrics take at most 250. Beyond it, idle connections are closed.'),
  pipelined_requests: count
    .default(100)
    .describe('HTTP/1 requests that may wait on one connection for the answer to the one before. Beyond it, the connection is closed.'),
  request_ms: count.default(30_000).describe('Time for the body of a request to arrive. Later, the request is dropped.'),
  values,
  new_values_per_hour: count
    .default(50_000)
    .describe(
      'New values of a dimension that one token may bring in an hour, and at most a quarter of the dimension\'s limit. Others become "(other)".',
    ),
  new_values_per_day: count.default(100_000).describe('The same in a day, and at most half of the limit.'),
  rebooked_entries: count
    .default(10_000)
    .describe('Entries of a session that are booked again for a record that comes late. Beyond it, the cost of the record is held back.'),
  query_rows: count
    .default(100_000)
    .describe('Maximum rows of a query. Beyond it, boards show the largest and "(other)", and /api/v1/spend answers 400.'),
  queries: count.default(4).describe('Boards, session lists and wide spend queries answered at once, for one address one less. Others wait in turn.'),
  queries_waiting: count.default(100).describe('Requests that wait for their turn. Beyond it, the last of whoever has most is answered 503.'),
  query_ms: count
    .default(30_000)
    .describe(
      'Time for an answer of the REST API or of /metrics, waiting included. Later, it is stopped and answered 503. Erasures, merges and closing a month have no limit.',
    ),
  scrapes: count.default(64).describe('Scrapes of /metrics that are being sent. Beyond it, the one that has taken nothing for longest is cut off.'),
  reader_memory_mb: count
    .default(1024)
    .describe('Heap of the thread that answers readers, in MiB. Beyond it, that thread alone ends and is restarted.'),
  exposition_series: count
    .default(500_000)
    .describe('Maximum series on /metrics: about 30 for each user. Community series get what the others leave.'),
});

/** Attribute names in the order they are asked; the first that has a value wins. */
const attributeNames = (names: readonly string[]) => z.array(z.string().min(1)).default([...names]);

const attribution = z.strictObject({
  user: z
    .array(z.enum(['gateway', 'email', 'account', 'token', 'attribute', 'user_id']))
    .default(['gateway', 'email', 'attribute', 'account', 'token', 'user_id'])
    .describe('Sources of the user, in order: the first that knows it wins.'),
  user_attributes: attributeNames(['enduser.id', 'user.name']),
  organization_attributes: attributeNames(['organization.id']),
  team_attributes: attributeNames(['team.id', 'team', 'team.name']),
  workspace_attributes: attributeNames(['workspace.id', 'workspace', 'project.id', 'project']),
  repository_attributes: attributeNames(['vcs.repository.url.full', 'vcs.repository.name', 'repository']),
  cost_center_attributes: attributeNames(['cost_center', 'cost_centre', 'cost.center']),
  department_attributes: attributeNames(['department']),
  job_attributes: attributeNames(['cicd.pipeline.name', 'ci.workflow']).describe(
    'The workflow of a CI job, or the whole job as ci:repository/workflow.',
  ),
  run_attributes: attributeNames(['cicd.pipeline.run.id', 'ci.run_id']),
  branch_attributes: attributeNames(['vcs.ref.head.name', 'vcs.branch', 'ci.branch']),
  pull_request_attributes: attributeNames(['vcs.change.id', 'ci.pull_request']),
  claims: z
    .enum(['token', 'gateway', 'client'])
    .default('token')
    .describe('Who wins where they differ: the token; the gateway behind the token, as to the user; or the client, the token filling in the rest.'),
  directory_file: z.string().optional().describe('YAML file: users, teams and rules with dates; see docs/directory.md.'),
  workspace_from_repository: z.boolean().default(true).describe('Use the repository as the workspace if no workspace is known.'),
  pseudonymize: z.boolean().default(false).describe('Replace user identities by a keyed hash before they are stored.'),
  pseudonym_key_file: z.string().optional(),
});

export const configSchema = z.strictObject({
  data: z.string().min(1).default('ledgerline-data').describe('Folder of the ledger.'),
  timezone: timeZone.default('UTC').describe('Time zone in which days, weeks and months begin.'),
  week_start: weekStart.default('monday'),
  organization: z.string().default('').describe('Organization of records that name none.'),
  storage: storageSchema.prefault({}),
  role: roleSchema,
  server: server.prefault({}),
  auth: authSchema.prefault({}),
  attribution: attribution.prefault({}),
  directory: directorySchema.prefault({}),
  models: z
    .strictObject({
      aliases: z.record(z.string(), z.string()).default({}).describe('Model id as sent (an ARN, a deployment name) to the model it is.'),
      prices_file: z.string().optional().describe('YAML file with additional dated list prices; see docs/prices.md.'),
    })
    .prefault({}),
  prices: pricesSchema,
  retention: z
    .strictObject({ entries_days: count.default(400).describe('Entries of sessions that ended longer ago are removed; roll-ups are kept.') })
    .prefault({}),
  ingest_window: z
    .strictObject({
      ahead_days: count.default(2).describe('Records dated further ahead of their arrival are set aside: shown, and not booked.'),
      back_days: count.default(400).describe('Records dated further back are set aside: closed months stay closed.'),
    })
    .prefault({}),
  budgets: z.array(budgetSchema).default([]),
  budget_requests: budgetRequestsSchema.prefault({}).describe('Requests for more budget, which an approver answers; see docs/budgets.md.'),
  guard: guardSchema.prefault({}),
  gateway: gatewaySchema,
  alerts: alertsSchema.prefault({}),
  exports: exportsSchema,
  reconcile: reconcileSchema,
  plans: plansSchema,
  imports: importsSchema.describe('Records of providers that are imported, by `ledgerline import` or on a schedule. See docs/imports.md.'),
  benchmarks: benchmarksSchema,
  rate_limits: rateLimitsSchema,
  exposition: expositionSchema.prefault({}),
  limits: limits.prefault({}),
  log: logSchema.prefault({}),
});

export type Config = z.output<typeof configSchema>;
export type TokenConfig = Config['auth']['tokens'][number];
export type CertificateConfig = Config['auth']['certificates'][number];
export type { BudgetConfig };
export type Limits = Config['limits'];

/** A complete configuration with every default, as an empty file gives it. */
export const defaultConfig = (): Config => configSchema.parse({});
