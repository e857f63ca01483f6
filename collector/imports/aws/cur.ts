/** `aws-cur`: what AWS bills for Claude on Bedrock, from files of a Cost and Usage Report 2.0 (Data Exports). */
import type { AwsImportConfig } from '../../config/imports.ts';
import { DAY_MS } from '../../core/duration.ts';
import { visible } from '../../core/visible.ts';
import { parseDollars } from '../amounts.ts';
import { daysAfter } from '../days.ts';
import { claudeId } from '../files/claude-names.ts';
import { type BillFormat, exportSource, type Taking } from '../files/export-source.ts';
import { type FileRow, mapOf } from '../files/row.ts';
import { tokenCount, utcDay } from '../files/values.ts';
import type { StatementSource } from '../source.ts';
import type { StatementAmounts } from '../statement-line.ts';
import type { ImportWorld } from '../world.ts';
import { currentFiles } from './periods.ts';
import { userOfPrincipal } from './principal.ts';
import { regionOf, tokensEach, type UsageType, usageTypeOf } from './usage-types.ts';

/** Of AWS's table dictionary of CUR 2.0; product_… as the older report spells what is in the map product. */
const COLUMNS = [
  ...['bill_billing_period_start_date', 'bill_payer_account_id', 'line_item_currency_code', 'line_item_iam_principal'],
  ...['line_item_line_item_description', 'line_item_line_item_type', 'line_item_net_unblended_cost', 'line_item_product_code'],
  ...['line_item_unblended_cost', 'line_item_usage_account_id', 'line_item_usage_amount', 'line_item_usage_start_date', 'line_item_usage_type'],
  ...['pricing_public_on_demand_cost', 'pricing_unit', 'product', 'product_product_name', 'product_region_code', 'product_servicename'],
  ...['resource_tags', 'tags'],
];

/** What of a month a row is about that is usage. */
const USAGE = new Set(['Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage']);
const SHOWN_MAX = 80;

type Words = Pick<ImportWorld, 'modelOf' | 'userOf'>;

export function awsCur(paths: readonly string[], config: AwsImportConfig, words: Words): StatementSource {
  return exportSource({
    // A day is there the day after, and may change until its month is closed.
    ...{ title: 'an AWS Cost and Usage Report 2.0', delayMs: DAY_MS, columns: COLUMNS },
    required: ['line_item_usage_start_date', 'line_item_line_item_type', 'line_item_unblended_cost'],
    ...{ files: () => currentFiles(paths), dayOf },
    take: (row, day, to) => take(row, day, to, { config, ...words }),
  } satisfies BillFormat);
}

/** What a bill has of another month, such as a refund, stands on its own first or last day. */
function dayOf(row: FileRow): ReturnType<BillFormat['dayOf']> {
  const [day, sinceDay] = [utcDay(row.text('line_item_usage_start_date')), utcDay(row.text('bill_billing_period_start_date'))];
  if (day === undefined || sinceDay === undefined) return day === undefined ? undefined : { day };
  if (day < sinceDay) return { day: sinceDay, sinceDay };
  const next = `${daysAfter(`${sinceDay.slice(0, 7)}-28`, 4).slice(0, 7)}-01`;
  return { day: day < next ? day : daysAfter(next, -1), sinceDay };
}

function take(
  row: FileRow,
  day: string,
  { sums, remarks }: Taking,
  { config, modelOf, userOf }: Words & { readonly config: AwsImportConfig },
): string | undefined {
  const product = mapOf(row.text('product'));
  const usageType = row.text('line_item_usage_type') ?? '';
  const names = [
    ...[row.text('product_product_name'), product.get('product_name'), row.text('product_servicename'), product.get('servicename')],
    ...[usageType, row.text('line_item_line_item_description'), row.text('line_item_product_code')],
  ];
  const isOfClaude = names.some((name) => /claude|anthropic/i.test(name ?? ''));
  if (!isOfClaude) {
    if (names.some((name) => /bedrock/i.test(name ?? ''))) remarks.count(`Of Bedrock, but not of Claude, left out: ${shown(usageType)}`);
    return undefined;
  }
  const type = row.text('line_item_line_item_type') ?? '';
  if (type === 'Tax') {
    remarks.count('Taxes, left out');
    return undefined;
  }
  if ((row.text('line_item_currency_code') ?? 'USD') !== 'USD') return `its currency is ${row.text('line_item_currency_code')}`;
  const usage = usageTypeOf(usageType);
  const amounts = amountsOf(row, type, usage);
  if (typeof amounts === 'string') return amounts;
  if (USAGE.has(type) && usage.tokenClass === undefined) remarks.count(`Usage type that is not known, kept: ${shown(usageType)}`);
  if (usage.tokenClass !== undefined && USAGE.has(type) && amounts.tokens === undefined) remarks.count('Units that are not known, without tokens');
  const named = modelOf(claudeId(names));
  const region = regionOf(row.text('product_region_code') ?? product.get('region_code'), usage.isGlobal);
  sums.add(
    day,
    {
      ...{ provider: 'bedrock', organization: row.text('bill_payer_account_id'), workspace: row.text('line_item_usage_account_id') },
      user: userOf(
        userOfPrincipal({ principal: row.text('line_item_iam_principal'), tags: [row.text('tags'), row.text('resource_tags')] }, config),
        day,
      ),
      ...{ model: named.model, region: region ?? named.region, serviceTier: usage.serviceTier, tokenClass: usage.tokenClass },
      costType: USAGE.has(type) ? (usage.tokenClass === undefined ? usage.body || undefined : 'tokens') : snakeCase(type),
    },
    amounts,
  );
  return undefined;
}

/** Or why they are none. */
function amountsOf(row: FileRow, type: string, usage: UsageType): StatementAmounts | string {
  const [net, gross, onDemand] = [
    row.text('line_item_net_unblended_cost'),
    row.text('line_item_unblended_cost'),
    row.text('pricing_public_on_demand_cost'),
  ];
  // Where other rows have what is left after discounts, a discount has nothing of its own.
  const isInNet = net === undefined && type.endsWith('Discount') && row.has('line_item_net_unblended_cost');
  const [billed, list] = [isInNet ? 0n : parseDollars(net ?? gross ?? ''), onDemand === undefined ? undefined : parseDollars(onDemand)];
  if (billed === undefined) return `${net === undefined ? 'line_item_unblended_cost' : 'line_item_net_unblended_cost'} is no amount`;
  if (onDemand !== undefined && list === undefined) return 'pricing_public_on_demand_cost is no amount';
  if (!USAGE.has(type)) return { billed };
  const each = tokensEach(row.text('pricing_unit'), row.text('line_item_line_item_description'));
  const amount = row.text('line_item_usage_amount');
  if (usage.tokenClass === undefined || each === undefined || amount === undefined) return { billed, list };
  const tokens = tokenCount(amount, each);
  return tokens === undefined ? 'line_item_usage_amount is no number' : { billed, list, tokens };
}

const shown = (text: string): string => visible(text).slice(0, SHOWN_MAX);
/** "PrivateRateDiscount" is private_rate_discount. */
const snakeCase = (type: string): string => type.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();
