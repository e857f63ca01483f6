/**
 * The ledger as text for Prometheus: a scrape shows exactly what the ledger holds at that instant. Written by hand, since instruments
 * and serializers handle every sample as an object of its own, which at tens of thousands of series costs more than the ledger's queries.
 */
import { evaluateBudgets } from '../budget.ts';
import type { Budget } from '../budget-book.ts';
import type { CalendarOptions } from '../calendar.ts';
import { COMMUNITY, type ExposedMeasure, LEDGER_SERIES, type MeasureSeries } from '../exposed-series.ts';
import type { LedgerReader } from '../ledger.ts';
import type { MeasureName } from '../measures.ts';
import { MEASURE_NAMES, MEASURES } from '../measures.ts';
import { LABELS, SERIES } from '../names.ts';
import { periodAround } from '../period.ts';
import { budgetText } from './budget-text.ts';
import { type Family, familyText, gauge, isShown, type Part, samplesText } from './families.ts';
import { byAmount, type LabelledRows, LabelSets, type LedgerLabels, readRows, regroup } from './rows.ts';

export interface LedgerTextOptions {
  readonly reader: Pick<LedgerReader, 'query' | 'status'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly timeZone: string;
  readonly weekStart: CalendarOptions['weekStart'];
  readonly budgets: readonly Budget[];
  /** Series of the ledger that one scrape may expose; the smallest label sets beyond it become "(other)". */
  readonly seriesMax: number;
  /** Of Ledgerline itself. */
  readonly version: string;
}

const PERIODS = ['day', 'week', 'month'] as const;
/** The first decides which label sets are kept, see byAmount. */
const LIFETIME_MEASURES: readonly MeasureName[] = [
  'cost',
  ...MEASURE_NAMES.filter((name) => name !== 'cost' && (Object.hasOwn(LEDGER_SERIES, name) || COMMUNITY[name] !== undefined)),
];

/** How many series a label set has for a measure once it is shown, the community's names included. */
const SERIES_COUNT = LIFETIME_MEASURES.map((name) => (Object.hasOwn(LEDGER_SERIES, name) ? 1 : 0) + (COMMUNITY[name]?.length ?? 0));

interface Reading {
  readonly lifetime: LabelledRows<LedgerLabels>;
  readonly periods: ReadonlyMap<string, LabelledRows<LedgerLabels>>;
}

/** Reads the ledger when it is called; the text is made chunk by chunk as it is asked for. */
export function ledgerText(options: LedgerTextOptions): Iterable<string> {
  const nowMs = options.now();
  const calendar: CalendarOptions = { timeZone: options.timeZone, weekStart: options.weekStart };
  const sets = new LabelSets();
  const { reading, folded } = bound(readLedger(options, calendar, nowMs, sets), options.seriesMax, sets.other());
  return textOf(reading, [
    budgetTexts(options, calendar, nowMs),
    samplesText(gauge(SERIES.droppedSeries, 'Series beyond limits.exposition_series, shown under "(other)".'), [[{}, folded]]),
    samplesText(gauge(SERIES.buildInfo, 'Always 1; the version that runs.'), [[{ version: options.version }, 1]]),
    asOfText(options.reader.status().asOfMs),
  ]);
}

function readLedger({ reader, timeZone }: LedgerTextOptions, calendar: CalendarOptions, nowMs: number, sets: LabelSets): Reading {
  const periods = PERIODS.map((period) => {
    return [period, readRows(reader, ['cost'], { timeZone, ...periodAround(period, nowMs, calendar) }, sets)] as const;
  });
  return { lifetime: readRows(reader, LIFETIME_MEASURES, { timeZone }, sets), periods: new Map(periods) };
}

/** Keeps the label sets that cost most, as many as the limit allows, and folds the others into one: sums stay exact. */
function bound(reading: Reading, seriesMax: number, other: LedgerLabels): { reading: Reading; folded: number } {
  const sizes = sizesOf(reading);
  let left = seriesMax;
  for (const size of sizes.values()) left -= size;
  if (left >= 0) return { reading, folded: 0 };
  const kept = new Set<LedgerLabels>();
  let folded = 0;
  left = seriesMax;
  for (const labels of byAmount(reading.lifetime)) {
    const size = sizes.get(labels) ?? 0;
    left -= size;
    if (left >= 0) kept.add(labels);
    else folded += size;
  }
  const fold = (rows: LabelledRows<LedgerLabels>) => regroup(rows, (labels) => (kept.has(labels) ? labels : other));
  return {
    reading: { lifetime: fold(reading.lifetime), periods: new Map([...reading.periods].map(([period, rows]) => [period, fold(rows)])) },
    folded,
  };
}

/** How many series each label set makes. */
function sizesOf({ lifetime: { measures, rows }, periods }: Reading): Map<LedgerLabels, number> {
  const sizes = new Map<LedgerLabels, number>();
  for (const [labels, values] of rows) {
    let size = 0;
    for (const [index, measure] of measures.entries()) if (isShown(measure, values[index] ?? 0n)) size += SERIES_COUNT[index] ?? 0;
    for (const period of periods.values()) if (period.rows.has(labels)) size++;
    sizes.set(labels, size);
  }
  return sizes;
}

function* textOf({ lifetime, periods }: Reading, others: readonly string[]): Iterable<string> {
  for (const { family, members } of LEDGER_FAMILIES) yield* familyText(family, partsOf(lifetime, members));
  const toDate = [...periods].map(([period, rows]): Part => ({ rows, measure: 'cost', labels: { [LABELS.period]: period }, divisor: 1e12 }));
  yield* familyText(gauge(SERIES.costPeriod, 'Booked cost in USD since the day, week or month began.'), toDate);
  const community = regroup(lifetime, (labels) => labels.community);
  for (const { family, members } of COMMUNITY_FAMILIES) yield* familyText(family, partsOf(community, members));
  yield others.join('');
}

const partsOf = (rows: LabelledRows, members: readonly Member[]): Part[] =>
  members.map(({ measure, series: { labels, divisor } }) => ({ rows, measure, labels, divisor }));

interface Member {
  readonly measure: MeasureName;
  readonly series: MeasureSeries;
}

/** Series of one name are one family, in the order in which their names first appear. */
function families(members: readonly Member[], familyOf: (member: Member) => Family): { family: Family; members: Member[] }[] {
  const byName = Map.groupBy(members, ({ series }) => series.series);
  return byName
    .values()
    .flatMap((group) => group.slice(0, 1).map((first) => ({ family: familyOf(first), members: group })))
    .toArray();
}

/** A series that joins several measures is described by what they share. */
const SHARED_HELP: Readonly<Record<string, string>> = {
  [SERIES.tokens]: 'Booked tokens by class; the classes do not overlap.',
  [SERIES.linesOfCode]: 'Lines of code added and removed.',
  [SERIES.activeSeconds]: 'Seconds that people (user) and tools or models (cli) were active.',
};

const LEDGER_FAMILIES = families(
  (Object.keys(LEDGER_SERIES) as ExposedMeasure[]).map((measure) => ({ measure, series: LEDGER_SERIES[measure] })),
  ({ measure, series: { series } }) => gauge(series, `${SHARED_HELP[series] ?? MEASURES[measure].description} Since the beginning.`),
);

/** Counters in name and type, since boards made by others take their increase. */
const COMMUNITY_FAMILIES = families(
  LIFETIME_MEASURES.flatMap((measure) => (COMMUNITY[measure] ?? []).map((series) => ({ measure, series }))),
  ({ series: { series } }) => ({ name: series, help: 'From the ledger, under the name of the client’s own metric.', type: 'counter' }),
);

const budgetTexts = ({ budgets, reader }: LedgerTextOptions, calendar: CalendarOptions, nowMs: number): string =>
  budgetText(evaluateBudgets(budgets, { reader, calendar, nowMs, withForecast: true }));

const asOfText = (asOfMs: number | undefined): string =>
  samplesText(gauge(SERIES.asOf, 'When the ledger last committed, Unix time.'), asOfMs === undefined ? [] : [[{}, asOfMs / 1000]]);
