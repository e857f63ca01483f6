/**
 * The ledger as metrics. A MetricProducer of our own, because the SDK's instruments keep every label set they ever saw
 * and cut each metric at 2,000 of them: here a scrape shows exactly what the ledger holds at that instant.
 */
import { emptyResource } from '@opentelemetry/resources';
import type { CollectionResult, MetricData, MetricProducer } from '@opentelemetry/sdk-metrics';
import { type BudgetStatus, budgetStatus } from '../budget.ts';
import type { CalendarOptions } from '../calendar.ts';
import type { BudgetConfig } from '../config.ts';
import type { LedgerReader } from '../ledger.ts';
import type { MeasureName } from '../measures.ts';
import { MEASURE_NAMES, MEASURES } from '../measures.ts';
import { toFloatUsd } from '../money.ts';
import { LABELS, PRODUCT, SERIES } from '../names.ts';
import { periodAround } from '../period.ts';
import { Families, type Family } from './families.ts';
import { byAmount, foldRows, type LabelledRows, readRows, regroup } from './rows.ts';
import { COMMUNITY, COMMUNITY_LABELS, type ExposedMeasure, LEDGER_SERIES, type MeasureSeries } from './series.ts';

export interface LedgerProducerOptions {
  readonly reader: Pick<LedgerReader, 'query' | 'status'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly timeZone: string;
  readonly weekStart: CalendarOptions['weekStart'];
  readonly budgets: readonly BudgetConfig[];
  /** Series of the ledger that one scrape may expose; the smallest label sets beyond it become "(other)". */
  readonly seriesMax: number;
  /** Of Ledgerline itself. */
  readonly version: string;
}

const PERIODS = ['day', 'week', 'month'] as const;
const LEDGER_MEASURES = Object.keys(LEDGER_SERIES) as ExposedMeasure[];
/** The first decides which label sets are kept, see byAmount. */
const LIFETIME_MEASURES: readonly MeasureName[] = [
  'cost',
  ...MEASURE_NAMES.filter((name) => name !== 'cost' && (Object.hasOwn(LEDGER_SERIES, name) || COMMUNITY[name] !== undefined)),
];

export function createLedgerProducer(options: LedgerProducerOptions): MetricProducer {
  return {
    async collect(): Promise<CollectionResult> {
      const metrics = ledgerMetrics(options);
      return { resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope: { name: PRODUCT }, metrics }] }, errors: [] };
    },
  };
}

interface Reading {
  readonly lifetime: LabelledRows;
  readonly periods: ReadonlyMap<string, LabelledRows>;
}

/** Everything one scrape shows about the ledger, read at one instant. */
export function ledgerMetrics(options: LedgerProducerOptions): MetricData[] {
  const nowMs = options.now();
  const calendar: CalendarOptions = { timeZone: options.timeZone, weekStart: options.weekStart };
  const all = readLedger(options, calendar, nowMs);
  const { reading, folded } = bound(all, options.seriesMax);
  const families = new Families(nowMs);
  addLedger(families, reading);
  addCommunity(families, reading.lifetime);
  for (const budget of options.budgets) addBudget(families, budgetStatus(budget, options.reader, calendar, nowMs));
  families.add(gauge(SERIES.droppedSeries, 'Series beyond limits.exposition_series, shown under "(other)".'), {}, folded);
  families.add(gauge(SERIES.buildInfo, 'Always 1; the version that runs.'), { version: options.version }, 1);
  const asOfMs = options.reader.status().asOfMs;
  if (asOfMs !== undefined) families.add(gauge(SERIES.asOf, 'When the ledger last committed, Unix time.'), {}, asOfMs / 1000);
  return families.metrics();
}

function readLedger({ reader, timeZone }: LedgerProducerOptions, calendar: CalendarOptions, nowMs: number): Reading {
  const periods = PERIODS.map((period): [string, LabelledRows] => {
    return [period, readRows(reader, ['cost'], { timeZone, ...periodAround(period, nowMs, calendar) })];
  });
  return { lifetime: readRows(reader, LIFETIME_MEASURES, { timeZone }), periods: new Map(periods) };
}

/** Keeps the label sets that cost most, as many as the limit allows, and folds the others: sums stay exact. */
function bound(reading: Reading, seriesMax: number): { reading: Reading; folded: number } {
  const kept = new Set<string>();
  let folded = 0;
  let left = seriesMax;
  for (const key of byAmount(reading.lifetime)) {
    const size = seriesOf(reading, key);
    left -= size;
    if (left >= 0) kept.add(key);
    else folded += size;
  }
  if (folded === 0) return { reading, folded };
  const periods = [...reading.periods].map(([period, rows]): [string, LabelledRows] => [period, foldRows(rows, kept)]);
  return { reading: { lifetime: foldRows(reading.lifetime, kept), periods: new Map(periods) }, folded };
}

/** How many series one label set makes, the community's names included. */
function seriesOf({ lifetime, periods }: Reading, key: string): number {
  const values = lifetime.rows.get(key)?.values ?? [];
  const inLifetime = lifetime.measures.reduce((count, measure, index) => {
    if (!isShown(measure, values[index] ?? 0n)) return count;
    return count + (Object.hasOwn(LEDGER_SERIES, measure) ? 1 : 0) + (COMMUNITY[measure]?.length ?? 0);
  }, 0);
  return inLifetime + [...periods.values()].filter((rows) => rows.rows.has(key)).length;
}

/** Cost is shown for every label set. Other series appear with their first amount: most label sets never have an error or a commit. */
const isShown = (measure: MeasureName, value: bigint): boolean => measure === 'cost' || value !== 0n;

const gauge = (name: string, help: string): Family => ({ name, help, monotonic: false });

function addLedger(families: Families, { lifetime, periods }: Reading): void {
  for (const measure of LEDGER_MEASURES) {
    const series: MeasureSeries = LEDGER_SERIES[measure];
    addMeasure(families, lifetime, measure, series, gauge(series.series, helpOf(series.series, measure)));
  }
  const family = gauge(SERIES.costPeriod, 'Booked cost in USD since the day, week or month began.');
  for (const [period, rows] of periods) {
    for (const { labels, values } of rows.rows.values()) {
      families.add(family, { ...labels, [LABELS.period]: period }, toFloatUsd(values[0] ?? 0n));
    }
  }
}

/** A series that joins several measures is described by what they share. */
const SHARED_HELP: Readonly<Record<string, string>> = {
  [SERIES.tokens]: 'Booked tokens by class; the classes do not overlap.',
  [SERIES.linesOfCode]: 'Lines of code added and removed.',
  [SERIES.activeSeconds]: 'Seconds that people (user) and tools or models (cli) were active.',
};
const helpOf = (series: string, measure: MeasureName): string => `${SHARED_HELP[series] ?? MEASURES[measure].description} Since the beginning.`;

/** Counters in name and type, since boards made by others take their increase. */
function addCommunity(families: Families, lifetime: LabelledRows): void {
  const rows = regroup(lifetime, COMMUNITY_LABELS);
  for (const measure of rows.measures) {
    for (const series of COMMUNITY[measure] ?? []) {
      addMeasure(families, rows, measure, series, {
        name: series.series,
        help: 'From the ledger, under the name of the client’s own metric.',
        monotonic: true,
      });
    }
  }
}

function addMeasure(families: Families, rows: LabelledRows, measure: MeasureName, series: MeasureSeries, family: Family): void {
  const index = rows.measures.indexOf(measure);
  for (const { labels, values } of rows.rows.values()) {
    const value = values[index] ?? 0n;
    if (isShown(measure, value)) families.add(family, { ...labels, ...series.labels }, Number(value) / series.divisor);
  }
}

function addBudget(families: Families, status: BudgetStatus): void {
  const labels = { [LABELS.budget]: status.name, [LABELS.scope]: status.scope, [LABELS.period]: status.period };
  families.add(gauge(SERIES.budgetLimit, 'Amount of the budget in USD.'), labels, toFloatUsd(status.limit));
  families.add(gauge(SERIES.budgetSpent, 'Booked cost in the scope of the budget since its period began, in USD.'), labels, toFloatUsd(status.spent));
  families.add(gauge(SERIES.budgetUsedRatio, 'Spent over limit; 1 is exhausted.'), labels, status.usedRatio);
  families.add(gauge(SERIES.budgetWarningRatio, 'Ratio at which the warning fires.'), labels, status.warningRatio);
  families.add(gauge(SERIES.budgetPeriodEnd, 'When the period of the budget ends, Unix time.'), labels, status.periodEndMs / 1000);
}
