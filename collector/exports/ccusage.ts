/** The JSON of `ccusage daily --json`, so that what reads it reads a whole organization's days. Costs are exact: JSON's numbers have any digits. */
import type { MeasureName } from '../catalog/measures.ts';
import { showValue } from '../catalog/values.ts';
import { formatUsd } from '../core/money.ts';
import type { Row } from '../ledger/ledger.ts';

/** What rows by day and model have to carry, in this order. */
export const CCUSAGE_MEASURES = [
  'input_tokens',
  'output_tokens',
  'cache_creation_tokens',
  'cache_read_tokens',
  'cost',
] as const satisfies readonly MeasureName[];

const encoder = new TextEncoder();

interface Day {
  readonly startMs: number;
  readonly models: Row[];
}

/** Rows by day and model, in the order of time. */
export async function* ccusageBytes(pages: AsyncIterable<readonly Row[]>, timeZone: string): AsyncIterable<Uint8Array> {
  let totals = sumOf([]);
  let before = '{"daily":[';
  for await (const day of byDay(pages)) {
    totals = sumOf([{ values: totals }, ...day.models]);
    yield encoder.encode(`${before}${dayJson(day, timeZone)}`);
    before = ',';
  }
  yield encoder.encode(`${before === ',' ? '' : before}],"totals":{${amountsJson(totals, 'totalCost')}}}\n`);
}

async function* byDay(pages: AsyncIterable<readonly Row[]>): AsyncIterable<Day> {
  let day: Day | undefined;
  for await (const row of rowsOf(pages)) {
    const startMs = row.startMs ?? 0;
    if (day?.startMs !== startMs) {
      if (day !== undefined) yield day;
      day = { startMs, models: [] };
    }
    day.models.push(row);
  }
  if (day !== undefined) yield day;
}

async function* rowsOf(pages: AsyncIterable<readonly Row[]>): AsyncIterable<Row> {
  for await (const page of pages) yield* page;
}

const sumOf = (rows: readonly Pick<Row, 'values'>[]): readonly bigint[] =>
  CCUSAGE_MEASURES.map((_, index) => rows.reduce((sum, { values }) => sum + (values[index] ?? 0n), 0n));

/** The day is `period` in present versions, and was `date` before. The most expensive model first. */
function dayJson({ startMs, models }: Day, timeZone: string): string {
  const date = Temporal.Instant.fromEpochMilliseconds(startMs).toZonedDateTimeISO(timeZone).toPlainDate().toString();
  const sorted = [...models].sort((a, b) => Number(costOf(b) > costOf(a)) - Number(costOf(b) < costOf(a)));
  const names = sorted.map(({ key: [model = ''] }) => JSON.stringify(showValue('model', model)));
  const breakdowns = sorted.map(({ values }, index) => `{"modelName":${names[index]},${amountsJson(values, 'cost')}}`);
  const head = `"period":"${date}","date":"${date}",${amountsJson(sumOf(models), 'totalCost')}`;
  return `{${head},"modelsUsed":[${names.join(',')}],"modelBreakdowns":[${breakdowns.join(',')}]}`;
}

const costOf = ({ values }: Row): bigint => values[CCUSAGE_MEASURES.indexOf('cost')] ?? 0n;

/** Sums carry the total of their tokens beside them; a model's own amounts do not. */
function amountsJson(values: readonly bigint[], costKey: 'cost' | 'totalCost'): string {
  const [input = 0n, output = 0n, cacheCreation = 0n, cacheRead = 0n, cost = 0n] = values;
  const total = costKey === 'totalCost' ? `,"totalTokens":${input + output + cacheCreation + cacheRead}` : '';
  const tokens = `"inputTokens":${input},"outputTokens":${output},"cacheCreationTokens":${cacheCreation},"cacheReadTokens":${cacheRead}`;
  return `${tokens}${total},"${costKey}":${formatUsd(cost)}`;
}
