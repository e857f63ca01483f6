/**
 * Bills of clouds as they are exported, made up from facts: rows with the columns that AWS's table dictionary of CUR 2.0 and Google's schema of the
 * billing export name. They are no bills: what real ones have beyond that is not known here.
 */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { formatUsd } from '../../../collector/core/money.ts';
import type { Random } from '../random.ts';

export interface CloudFact {
  readonly day: string;
  readonly hour: number;
  readonly user: string;
  readonly account: string;
  readonly model: (typeof CLOUD_MODELS)[number];
  readonly type: (typeof CLOUD_TYPES)[number];
  readonly isGlobal: boolean;
  readonly tokens: number;
  readonly billed: bigint;
  readonly list: bigint;
}

export const CLOUD_MODELS = [
  { id: 'claude-sonnet-4-5', name: 'Claude Sonnet 4.5' },
  { id: 'claude-opus-5-5', name: 'Claude Opus 5.5' },
  { id: 'claude-3-5-haiku', name: 'Claude 3.5 Haiku' },
] as const;

export const CLOUD_TYPES = [
  { tokenClass: 'input', camel: 'InputTokenCount', snake: 'input_tokens', sku: 'Input Tokens' },
  { tokenClass: 'output', camel: 'OutputTokenCount', snake: 'output_tokens', sku: 'Output Tokens' },
  { tokenClass: 'cache_read', camel: 'CacheReadInputTokenCount', snake: 'cache_read_tokens', sku: 'Cache Read Tokens' },
  { tokenClass: 'cache_write_5m', camel: 'CacheWriteInputTokenCount', snake: 'cache_write_tokens', sku: '5m Cache Write Tokens' },
  { tokenClass: 'cache_write_1h', camel: 'CacheWrite1hInputTokenCount', snake: 'cache_write_tokens_1h', sku: '1h Cache Write Tokens' },
] as const;

export const cloudFacts = (random: Random, days: readonly string[], perDay: number): CloudFact[] =>
  days.flatMap((day) =>
    Array.from({ length: perDay }, (): CloudFact => {
      const list = BigInt(1 + random.below(2 ** 31)) * 1_009n;
      return {
        ...{ day, hour: random.below(24), user: random.pick(['ada@example.com', 'bob@example.com', 'build']) },
        ...{ account: random.pick(['111122223333', '444455556666']), model: random.pick([...CLOUD_MODELS]), type: random.pick([...CLOUD_TYPES]) },
        ...{ isGlobal: random.below(2) === 0, tokens: random.below(10_000_000), list, billed: (list * BigInt(80 + random.below(20))) / 100n },
      };
    }),
  );

type CurRow = Readonly<Record<string, string>>;

/** Of a user with single sign-on, else of a role that has no session. */
export const principalOf = (user: string, account: string): string =>
  user.includes('@') ? `arn:aws:sts::${account}:assumed-role/Developers/${user}` : `arn:aws:iam::${account}:user/${user}`;

const hourOf = ({ day, hour }: CloudFact): string => `${day}T${String(hour).padStart(2, '0')}:00:00.000Z`;

export function curRow(fact: CloudFact): CurRow {
  const { account, isGlobal, model, type, tokens } = fact;
  // Newer models are spelled otherwise.
  const usage = model.id.includes('5-5') ? `${type.snake}${isGlobal ? '_global' : ''}_standard` : `${type.camel}${isGlobal ? '_Global' : ''}`;
  return {
    bill_billing_period_start_date: `${fact.day.slice(0, 7)}-01T00:00:00.000Z`,
    ...{ bill_payer_account_id: '999900001111', line_item_currency_code: 'USD', line_item_iam_principal: principalOf(fact.user, account) },
    line_item_line_item_description: 'AWS Marketplace software usage|us-east-1|Million Tokens, "Bedrock"',
    ...{ line_item_line_item_type: 'Usage', line_item_net_unblended_cost: formatUsd(fact.billed), line_item_product_code: '9ayfqvxmpl' },
    ...{ line_item_unblended_cost: formatUsd(fact.list), line_item_usage_account_id: account, line_item_usage_start_date: hourOf(fact) },
    ...{ line_item_usage_amount: formatUsd(BigInt(tokens) * 10n ** 6n), line_item_usage_type: `USE1-MP:USE1_${usage}-Units` },
    ...{ pricing_public_on_demand_cost: formatUsd(fact.list), pricing_unit: 'Units', product_region_code: 'us-east-1' },
    product: JSON.stringify({ product_name: `${model.name} (Amazon Bedrock Edition)`, servicename: 'AWS Marketplace' }),
    resource_tags: JSON.stringify({ 'iamPrincipal/team': 'one, "two"' }),
  };
}

export type GcpRow = Readonly<Record<string, unknown>>;

export const gcpRow = (fact: CloudFact): GcpRow => ({
  billing_account_id: '0X0X0X-0X0X0X-0X0X0X',
  ...{ service: { id: 'C7E2-9256-1C43', description: 'Vertex AI' }, sku: { id: 'A1B2', description: `${fact.model.name} ${fact.type.sku}` } },
  ...{ usage_start_time: hourOf(fact).replace('T', ' ').replace('.000Z', ' UTC'), project: { id: fact.account }, cost_type: 'regular' },
  labels: [
    { key: 'team', value: 'one' },
    { key: 'user', value: fact.user },
  ],
  ...{ location: { region: fact.isGlobal ? 'global' : 'us-east5' }, currency: 'USD', usage: { amount: fact.tokens, unit: 'count' } },
  ...{ cost: formatUsd(fact.list), cost_at_list: formatUsd(fact.list) },
  credits: [
    { name: 'Committed use', type: 'COMMITTED_USAGE_DISCOUNT', amount: formatUsd(fact.billed - fact.list + 1n) },
    { name: 'Rounding', type: 'DISCOUNT', amount: '-0.000000000001' },
  ],
});

const cellOf = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** In the order of the first row's columns. */
export function csvText(rows: readonly Readonly<Record<string, string>>[], columns = Object.keys(rows[0] ?? {})): string {
  return [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ''))].map((cells) => `${cells.map(cellOf).join(',')}\n`).join('');
}

/** Nested columns flat, lists as JSON. */
export const flatRow = (row: GcpRow): Record<string, string> =>
  Object.fromEntries(
    Object.entries(row).flatMap(([name, value]): [string, string][] => {
      if (typeof value !== 'object' || value === null) return [[name, String(value)]];
      if (Array.isArray(value)) return [[name, JSON.stringify(value)]];
      return Object.entries(value).map(([inner, of]) => [`${name}.${inner}`, String(of)]);
    }),
  );

export const jsonLines = (rows: readonly GcpRow[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Compressed where its name says so. */
export function writeExport(path: string, text: string | Uint8Array, at: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, path.endsWith('.gz') ? gzipSync(text) : text);
  utimesSync(path, new Date(at), new Date(at));
}
