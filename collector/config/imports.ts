/** The `imports:` section: which records of providers are imported, with which key, and when. */
import { z } from 'zod';
import { secretFile, slug } from './channels/shapes.ts';
import { firstIndexes } from './firsts.ts';
import { isGatewayAddress } from './gateway.ts';
import { timeZone } from './shapes.ts';

/** Dimensions of the Usage and Cost Analytics API that lines have a place for. Groups of users overlap, so that their sums are none. */
export const ANALYTICS_GROUPS = [
  'actor',
  'api_key_id',
  'context_window',
  'inference_geo',
  'model',
  'organization_id',
  'product',
  'service_tier',
  'speed',
  'workspace_id',
] as const;
export type AnalyticsGroup = (typeof ANALYTICS_GROUPS)[number];

const ADDRESS = 'must be an address that begins with https:// (http:// for this machine alone), without a password, query or fragment';

/** Of every source. */
const common = {
  account: slug.optional().describe('Where several organizations are imported from the same source: a name for each. Default: none.'),
  revised_days: z
    .number()
    .int()
    .min(0)
    .max(120)
    .default(30)
    .describe('So many days back are read again each time, since the provider may revise them.'),
  schedule: z
    .string()
    .regex(/^\S+( \S+){4}$/, 'must be a cron expression of five fields, such as "30 7 * * *" for half past seven every morning')
    .optional()
    .describe('Cron expression of five fields: the collector imports then. Default: only `ledgerline import` does.'),
  time_zone: timeZone.optional().describe('Time zone of the schedule. Default: the time zone of the ledger.'),
};

/** Of sources that are read over HTTP. */
const overHttp = {
  key_file: secretFile.optional().describe('File with the key. Default: the variables in docs/imports.md.'),
  url: z
    .string()
    .refine(isGatewayAddress, ADDRESS)
    .optional()
    .describe("Address of the API, without /v1. Default: the provider's own; of LiteLLM http://127.0.0.1:4000."),
};

/** Without a scheme that could pass for an address, and without what a terminal obeys. */
const word = z.string().min(1).max(300);

const ofFiles = {
  ...{ account: common.account, schedule: common.schedule, time_zone: common.time_zone },
  path: z
    .string()
    .min(1)
    .optional()
    .describe('File of an export, or a folder with all of its files, from the folder of the configuration. Default: --path of the command.'),
};

const importSchema = z.discriminatedUnion('source', [
  z.strictObject({ source: z.literal('anthropic-usage'), ...overHttp, ...common }),
  z.strictObject({ source: z.literal('anthropic-cost'), ...overHttp, ...common }),
  z.strictObject({
    source: z.literal('anthropic-analytics'),
    ...overHttp,
    ...common,
    group_by: z
      .array(z.enum(ANALYTICS_GROUPS))
      .max(5)
      .default(['actor', 'model', 'product', 'speed', 'workspace_id'])
      .describe('What lines are kept apart by, beside the kind of cost and the class of tokens: at most five.'),
  }),
  z.strictObject({ source: z.literal('claude-code-analytics'), ...overHttp, ...common }),
  z.strictObject({
    source: z.literal('litellm'),
    ...overHttp,
    ...common,
    keys: z
      .record(word, z.strictObject({ user: word.optional(), team: word.optional() }))
      .default({})
      .describe('User and team of a key of the proxy, by its alias or the hash that logs have of it. Goes before what the row itself says.'),
    other_models: z.boolean().default(false).describe('Whether models other than Claude are imported, too.'),
  }),
  z.strictObject({
    source: z.literal('aws-cur'),
    ...ofFiles,
    principals: z
      .record(word, word)
      .default({})
      .describe('User of an IAM principal: by its whole ARN, or for an assumed role by the ARN of the role. Goes before everything else.'),
    user_tag: word.optional().describe('Tag that names the user, as resource_tags or tags have it, such as iamPrincipal/user. Default: none.'),
  }),
  z.strictObject({
    source: z.literal('gcp-billing'),
    ...ofFiles,
    user_label: word.optional().describe('Label that names the user, such as user. Default: none.'),
  }),
]);

export const importsSchema = z
  .array(importSchema)
  .default([])
  .superRefine((items, context) => {
    for (const [index, first] of firstIndexes(items, ({ source, account }) => `${source} ${account ?? ''}`).entries())
      if (first !== index) context.addIssue({ code: 'custom', path: [index, 'source'], message: 'is there twice: give each a name in account' });
  });

export type ImportConfig = z.output<typeof importSchema>;
export type ImportSource = ImportConfig['source'];

type ImportConfigOf<Source extends ImportSource> = Extract<ImportConfig, { source: Source }>;
export type LitellmImportConfig = ImportConfigOf<'litellm'>;
export type AwsImportConfig = ImportConfigOf<'aws-cur'>;
export type GcpImportConfig = ImportConfigOf<'gcp-billing'>;
/** Those that are read from files. The others are asked for over HTTP, with a key. */
export type FilesImportConfig = AwsImportConfig | GcpImportConfig;
export type HttpImportConfig = Exclude<ImportConfig, FilesImportConfig>;

export const FILE_SOURCES = ['aws-cur', 'gcp-billing'] as const satisfies readonly FilesImportConfig['source'][];
export const isOfFiles = (config: ImportConfig): config is FilesImportConfig => FILE_SOURCES.some((source) => source === config.source);

/** As if the configuration had an entry of the source with nothing else in it. */
export const defaultImport = (source: ImportSource): ImportConfig => importSchema.parse({ source });

export const IMPORT_SOURCES: readonly ImportSource[] = importSchema.options.map((option) => option.shape.source.value);

/** Keys of providers; each has a twin that ends in _FILE. */
const KEY_VARIABLES = ['LEDGERLINE_ANTHROPIC_ADMIN_KEY', 'LEDGERLINE_ANTHROPIC_ANALYTICS_KEY', 'LEDGERLINE_LITELLM_KEY'];
export const IMPORT_VARIABLES: readonly string[] = KEY_VARIABLES.flatMap((name) => [name, `${name}_FILE`]);
