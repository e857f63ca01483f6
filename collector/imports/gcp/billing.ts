/** `gcp-billing`: what Google Cloud bills for Claude on Vertex AI, from files of its billing export (standard or detailed usage cost). */
import type { GcpImportConfig } from '../../config/imports.ts';
import { DAY_MS } from '../../core/duration.ts';
import type { PicoUsd } from '../../core/money.ts';
import { visible } from '../../core/visible.ts';
import { parseDollars } from '../amounts.ts';
import { claudeId } from '../files/claude-names.ts';
import { type BillFormat, exportSource, type Taking } from '../files/export-source.ts';
import { dataFiles } from '../files/find.ts';
import { type FileRow, mapOf } from '../files/row.ts';
import { tokenCount, utcDay } from '../files/values.ts';
import type { StatementSource } from '../source.ts';
import type { StatementAmounts } from '../statement-line.ts';
import type { ImportWorld } from '../world.ts';
import { skuOf } from './skus.ts';

const COLUMNS = [
  ...['billing_account_id', 'cost', 'cost_at_list', 'cost_type', 'credits', 'currency', 'labels', 'location.region', 'project.id'],
  ...['service.description', 'sku.description', 'usage.amount', 'usage.unit', 'usage_start_time'],
];
const SHOWN_MAX = 80;

type Words = Pick<ImportWorld, 'modelOf' | 'userOf'>;

export function gcpBilling(paths: readonly string[], config: GcpImportConfig, words: Words): StatementSource {
  return exportSource({
    // Late usage comes within a day or two, as documented.
    ...{ title: "Google Cloud's billing export", delayMs: 2 * DAY_MS, columns: COLUMNS },
    required: ['usage_start_time', 'sku.description', 'cost'],
    files: () => dataFiles(paths, ['jsonl', 'csv']),
    dayOf: (row) => {
      const day = utcDay(row.text('usage_start_time'));
      return day === undefined ? undefined : { day };
    },
    take: (row, day, to) => take(row, day, to, { config, ...words }),
  } satisfies BillFormat);
}

function take(
  row: FileRow,
  day: string,
  { sums, remarks }: Taking,
  { config, modelOf, userOf }: Words & { readonly config: GcpImportConfig },
): string | undefined {
  const [service, description] = [row.text('service.description'), row.text('sku.description')];
  if (!/claude|anthropic/i.test(`${service} ${description}`)) return undefined;
  const kind = row.text('cost_type') ?? 'regular';
  if (kind === 'tax') {
    remarks.count('Taxes, left out');
    return undefined;
  }
  if ((row.text('currency') ?? 'USD') !== 'USD') return `its currency is ${row.text('currency')}`;
  const sku = skuOf(description ?? '');
  const amounts = amountsOf(row, kind === 'regular' && sku.tokenClass !== undefined);
  if (typeof amounts === 'string') return amounts;
  if (kind === 'regular' && sku.tokenClass === undefined)
    remarks.count(`SKU that is not known, kept: ${visible(description ?? '').slice(0, SHOWN_MAX)}`);
  if (kind === 'regular' && sku.tokenClass !== undefined && amounts.tokens === undefined) remarks.count('Units that are not known, without tokens');
  const labels = mapOf(row.text('labels'));
  sums.add(
    day,
    {
      ...{ provider: 'vertex', organization: row.text('billing_account_id'), workspace: row.text('project.id') },
      user: userOf(config.user_label === undefined ? undefined : labels.get(config.user_label), day),
      ...{ model: modelOf(claudeId([description, service])).model, region: row.text('location.region'), ...sku },
      costType: kind !== 'regular' ? kind : sku.tokenClass === undefined ? description : 'tokens',
    },
    amounts,
  );
  return undefined;
}

/** Or why they are none. Billed is what is left after credits. */
function amountsOf(row: FileRow, hasTokens: boolean): StatementAmounts | string {
  const [cost, credit, atList] = [parseDollars(row.text('cost') ?? ''), creditsOf(row.text('credits')), row.text('cost_at_list')];
  const list = atList === undefined ? undefined : parseDollars(atList);
  if (cost === undefined) return 'cost is no amount';
  if (credit === undefined) return 'credits are no list of amounts';
  if (atList !== undefined && list === undefined) return 'cost_at_list is no amount';
  const [amount, unit] = [row.text('usage.amount'), row.text('usage.unit')];
  const billed = cost + credit;
  if (!hasTokens || amount === undefined || !/^(tokens?|count)$/i.test(unit ?? '')) return { billed, list };
  const tokens = tokenCount(amount, 1);
  return tokens === undefined ? 'usage.amount is no number' : { billed, list, tokens };
}

/** Undefined where they are not understood. */
function creditsOf(text: string | undefined): PicoUsd | undefined {
  if (text === undefined) return 0n;
  let sum = 0n;
  for (const entry of listIn(text) ?? [undefined]) {
    const amount: unknown = typeof entry === 'object' && entry !== null && 'amount' in entry ? entry.amount : undefined;
    const credit = typeof amount === 'string' || typeof amount === 'number' ? parseDollars(amount) : undefined;
    if (credit === undefined) return undefined;
    sum += credit;
  }
  return sum;
}

function listIn(text: string): readonly unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}
