/**
 * The ledger as text for Prometheus: a scrape shows exactly what the ledger holds at one instant. Written by hand, since instruments
 * and serializers handle every sample as an object of its own, which at tens of thousands of series costs more than the ledger's queries.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Budget } from '../budgets/journal.ts';
import { LABELS, SELF_SERIES, SERIES } from '../catalog/names.ts';
import type { ReadScope } from '../catalog/read-scope.ts';
import { completeSeries, exposedFamilies, FAMILY_NAMES, type PastPeriod } from '../catalog/series-families.ts';
import type { Config } from '../config/config.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import type { LedgerCounters, LedgerReader, LedgerSnapshot } from '../ledger/ledger.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import type { Gauge } from '../query/gauges/gauge.ts';
import { GAUGE_READERS } from '../query/gauges/registry.ts';
import { type Block, type Bounded, blockText, bound } from './block.ts';
import { CommunitySessions, communityBlocks } from './community-blocks.ts';
import { gauge, samplesText } from './families.ts';
import { familyBlock } from './family-blocks.ts';
import { FeatureRows } from './feature-block.ts';
import { GaugeTexts } from './gauge-text.ts';
import { knownPastPeriods, withKnown } from './known-periods.ts';
import { SELF_HELP } from './self-help.ts';

export interface LedgerTextOptions {
  /** Shows what `scope` leaves. */
  readonly reader: Pick<LedgerReader, 'snapshot'>;
  /** Default: everything. */
  readonly scope?: ReadScope;
  readonly config: Config;
  readonly prices: PriceBook;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Those of the configuration, and those set since; asked on every scrape. */
  readonly budgets: () => Promise<readonly Budget[]>;
  /** Of Ledgerline itself. */
  readonly version: string;
  /** The catalog, unless given. */
  readonly gauges?: readonly Gauge[];
  /** A clock that tells how long reading took; the process's own, unless given. */
  readonly elapsedMs?: () => number;
}

/** Every call is a scrape. It reads one family after the other, and gives up the thread in between. */
export function createLedgerText(options: LedgerTextOptions): () => AsyncIterable<string> {
  const { config, elapsedMs = () => performance.now() } = options;
  const families = exposedFamilies(config.exposition);
  const memory: Memory = {
    families,
    features: new FeatureRows(families.feature, config.timezone, elapsedMs),
    sessions: new CommunitySessions(),
    gauges: new GaugeTexts(
      (options.gauges ?? Object.values<Gauge>(GAUGE_READERS)).filter(({ labels }) => !labels.some(isLeftOut(config))),
      elapsedMs,
    ),
  };
  return () => scrape(options, memory);
}

/** A gauge cannot be added up over a label, so it goes with it. */
function isLeftOut({ exposition }: Config): (label: string) => boolean {
  const left: ReadonlySet<string> = new Set(exposition.without);
  return (label) => left.has(label);
}

/** What one scrape leaves for the next. */
interface Memory {
  readonly families: ReturnType<typeof exposedFamilies>;
  readonly features: FeatureRows;
  readonly sessions: CommunitySessions;
  readonly gauges: GaugeTexts;
}

async function* scrape(options: LedgerTextOptions, memory: Memory): AsyncGenerator<string, void> {
  const { reader, config, version } = options;
  const nowMs = options.now();
  const { own, community, figures, past } = await reader.snapshot((ledger) => readAll(ledger, options, memory, nowMs));
  const limit = config.limits.exposition_series;
  const shown = bound(own, limit);
  // Names for the boards of others have what the ledger's own leave.
  const others = bound(community, limit - shown.series);
  const grouped = shown.grouped + others.grouped;
  for (const block of [...shown.blocks, ...others.blocks]) yield* blockText(block);
  yield figures.join('');
  yield samplesText(gauge(SERIES.droppedSeries, 'Series beyond limits.exposition_series, shown under "(other)".'), [[{}, grouped]]);
  yield* completeTexts(own, shown);
  yield samplesText(
    gauge(SERIES.periodKnown, PERIOD_KNOWN_HELP),
    [...past].map((period) => [{ [LABELS.period]: period }, 1]),
  );
  yield samplesText(gauge(SERIES.buildInfo, 'Always 1; the label version is the running version.'), [[{ version }, 1]]);
}

/** Whether what was missing then is zero: only where nothing is shown under "(other)". */
function* completeTexts(read: readonly Block[], { blocks }: Bounded): Iterable<string> {
  for (const [series, names] of Map.groupBy(FAMILY_NAMES, completeSeries)) {
    const isComplete = names.every((name) => blocks[FAMILY_NAMES.indexOf(name)] === read[FAMILY_NAMES.indexOf(name)]);
    yield samplesText(gauge(series, COMPLETE_HELP), isComplete ? [[{}, 1]] : []);
  }
}

const COMPLETE_HELP = 'Always 1; missing while series with the same prefix are shown under "(other)". What was missing beside it was zero.';

const PERIOD_KNOWN_HELP =
  'Always 1; missing for a period of which the ledger knows too little, since it began later. Without it the period has no cost to date.';

interface ScrapeData {
  /** One for each family, in the order of their names. */
  readonly own: readonly Block[];
  readonly community: readonly Block[];
  readonly figures: readonly string[];
  readonly past: ReadonlySet<PastPeriod>;
}

async function readAll(ledger: LedgerSnapshot, options: LedgerTextOptions, memory: Memory, nowMs: number): Promise<ScrapeData> {
  const past = await knownPastPeriods(ledger, calendarOf(options.config), nowMs);
  return {
    past,
    own: await inTurns(readOwn(ledger, options, memory, past, nowMs)),
    community: await inTurns(readCommunity(ledger, options, memory, nowMs)),
    figures: await inTurns(readFigures(ledger, options, memory, nowMs)),
  };
}

/** Other questions to this thread are answered between two of them. */
async function inTurns<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const read: Item[] = [];
  for await (const item of items) {
    read.push(item);
    await nextTurn();
  }
  return read;
}

async function* readOwn(
  ledger: LedgerSnapshot,
  { config }: LedgerTextOptions,
  { families, features }: Memory,
  past: ReadonlySet<PastPeriod>,
  nowMs: number,
): AsyncIterable<Block> {
  const calendar = calendarOf(config);
  for (const name of FAMILY_NAMES) {
    const family = { ...families[name], periods: withKnown(families[name].periods, past) };
    yield name === 'feature' ? await features.block(ledger, nowMs) : await familyBlock(ledger, name, family, calendar, nowMs);
  }
}

async function* readCommunity(
  ledger: LedgerSnapshot,
  { config: { exposition, timezone } }: LedgerTextOptions,
  { sessions }: Memory,
  nowMs: number,
): AsyncIterable<Block> {
  if (!exposition.community_series) return;
  if (exposition.community_session_id) yield* await sessions.blocks(ledger, exposition, nowMs);
  else yield* communityBlocks(ledger, exposition, timezone);
}

/** Gauges, those of the budgets among them, and the age of it all. */
async function* readFigures(
  ledger: LedgerSnapshot,
  { config, prices, budgets, scope = 'all' }: LedgerTextOptions,
  { gauges }: Memory,
  nowMs: number,
): AsyncIterable<string> {
  const calendar = calendarOf(config);
  yield* gauges.texts({ reader: ledger, scope, config, prices, budgets: await budgets(), calendar, nowMs, where: [] });
  const { asOfMs, counters } = await ledger.status();
  yield samplesText(gauge(SERIES.asOf, 'When the ledger last committed, in Unix time.'), asOfMs === undefined ? [] : [[{}, asOfMs / 1000]]);
  // A collector that is alone counts them itself.
  if (config.storage.url !== undefined && scope === 'all') yield* counterTexts(counters);
}

function* counterTexts(counters: LedgerCounters): Iterable<string> {
  const texts = { appended: 'ledgerAppended', duplicates: 'ledgerDuplicates', conflicts: 'ledgerConflicts', expired: 'ledgerExpired' } as const;
  for (const [name, key] of Object.entries(texts)) {
    // The record's own keys, which Object.entries widens to string.
    const count = counters[name as keyof typeof texts];
    yield samplesText({ name: `${SELF_SERIES[key]}_total`, help: SELF_HELP[key], type: 'counter' }, [[{}, count]]);
  }
}

const calendarOf = ({ timezone, week_start }: Config): CalendarOptions => ({ timeZone: timezone, weekStart: week_start });
