/** The JSON of `ccusage daily --json`, so that what reads it reads a whole organization's days. Costs are exact: JSON's numbers have any digits. */
import type { Row } from '../ledger/ledger.ts';
import { renderByModel, renderTokenUsage, TOKEN_USAGE_MEASURES, type UsageByModel } from '../query/token-usage.ts';
import { addTo } from '../query/totals.ts';

const encoder = new TextEncoder();

interface Day {
  readonly startMs: number;
  readonly models: Row[];
}

/** Rows of TOKEN_USAGE_MEASURES by day and model, in the order of time. */
export async function* ccusageBytes(pages: AsyncIterable<readonly Row[]>, timeZone: string): AsyncIterable<Uint8Array> {
  const totals = TOKEN_USAGE_MEASURES.map(() => 0n);
  let before = '{"daily":[';
  for await (const { startMs, models } of byDay(pages)) {
    for (const { values } of models) addTo(totals, values);
    const used = renderByModel(models.map(({ key: [model = ''], values }) => ({ model, values })));
    if (used.models.length === 0) continue;
    yield encoder.encode(`${before}${dayJson(startMs, used, timeZone)}`);
    before = ',';
  }
  yield encoder.encode(`${before === ',' ? '' : before}],"totals":{${amountsJson(renderTokenUsage(totals), 'totalCost')}}}\n`);
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

/** The day is `period` in present versions, and was `date` before. */
function dayJson(startMs: number, { usage, models }: ReturnType<typeof renderByModel>, timeZone: string): string {
  const date = Temporal.Instant.fromEpochMilliseconds(startMs).toZonedDateTimeISO(timeZone).toPlainDate().toString();
  const names = models.map(({ model }) => JSON.stringify(model));
  const breakdowns = models.map((model, index) => `{"modelName":${names[index]},${amountsJson(model, 'cost')}}`);
  const head = `"period":"${date}","date":"${date}","agent":"claude",${amountsJson(usage, 'totalCost')}`;
  return `{${head},"modelsUsed":[${names.join(',')}],"modelBreakdowns":[${breakdowns.join(',')}]}`;
}

/** Sums carry the total of their tokens beside them; a model's own amounts do not. */
function amountsJson(usage: Omit<UsageByModel, 'models'>, costKey: 'cost' | 'totalCost'): string {
  const { input_tokens: input, output_tokens: output, cache_creation_tokens: written, cache_read_tokens: read } = usage;
  const total = costKey === 'totalCost' ? `,"totalTokens":${usage.total_tokens}` : '';
  const tokens = `"inputTokens":${input},"outputTokens":${output},"cacheCreationTokens":${written},"cacheReadTokens":${read}`;
  return `${tokens}${total},"${costKey}":${usage.cost_usd}`;
}
