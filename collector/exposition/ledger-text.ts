/**
 * The ledger as text for Prometheus: a scrape shows exactly what the ledger holds at one instant. Written by hand, since instruments
 * and serializers handle every sample as an object of its own, which at tens of thousands of series costs more than the ledger's queries.
 */
import type { Budget } from '../budgets/book.ts';
import { SERIES } from '../catalog/names.ts';
import { exposedFamilies, FAMILY_NAMES } from '../catalog/series-families.ts';
import type { Config } from '../config/config.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import type { LedgerReader } from '../ledger/ledger.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import type { Gauge } from '../query/gauges/gauge.ts';
import { GAUGE_READERS } from '../query/gauges/registry.ts';
import { type Block, blockText, bound } from './block.ts';
import { CommunitySessions, communityBlocks } from './community-blocks.ts';
import { gauge, samplesText } from './families.ts';
import { familyBlock } from './family-blocks.ts';
import { FeatureRows } from './feature-block.ts';
import { GaugeTexts } from './gauge-text.ts';

export interface LedgerTextOptions {
  /** Held at one instant while a scrape reads: of the exposition alone, so that others see what is newer. */
  readonly reader: LedgerReader;
  readonly config: Config;
  readonly prices: PriceBook;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Those of the configuration, and those set since; asked on every scrape. */
  readonly budgets: () => readonly Budget[];
  /** Of Ledgerline itself. */
  readonly version: string;
  /** The catalogue, unless told otherwise. */
  readonly gauges?: readonly Gauge[];
  /** A clock that tells how long reading took; the process's own, unless told otherwise. */
  readonly elapsedMs?: () => number;
}

/** Every call is a scrape. It reads one family after the other, and gives up the thread wherever it yields. */
export function createLedgerText(options: LedgerTextOptions): () => Iterable<string> {
  const { config, elapsedMs = () => performance.now() } = options;
  const families = exposedFamilies(config.exposition);
  const memory: Memory = {
    families,
    features: new FeatureRows(options.reader, families.feature, config.timezone, elapsedMs),
    sessions: new CommunitySessions(options.reader),
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

function* scrape(options: LedgerTextOptions, memory: Memory): Generator<string, void> {
  const { reader, config, version } = options;
  const nowMs = options.now();
  const release = reader.hold();
  const own: Block[] = [];
  const community: Block[] = [];
  const figures: string[] = [];
  try {
    for (const block of readOwn(options, memory, nowMs)) {
      own.push(block);
      yield '';
    }
    for (const block of readCommunity(options, memory, nowMs)) {
      community.push(block);
      yield '';
    }
    for (const text of readFigures(options, memory, nowMs)) {
      figures.push(text);
      yield '';
    }
  } finally {
    release();
  }
  const limit = config.limits.exposition_series;
  const shown = bound(own, limit);
  // Names for the boards of others have what the ledger's own leave.
  const others = bound(community, limit - shown.series);
  const folded = shown.folded + others.folded;
  for (const block of [...shown.blocks, ...others.blocks]) yield* blockText(block);
  yield figures.join('');
  yield samplesText(gauge(SERIES.droppedSeries, 'Series beyond limits.exposition_series, shown under "(other)".'), [[{}, folded]]);
  yield samplesText(gauge(SERIES.buildInfo, 'Always 1; the label version is the running version.'), [[{ version }, 1]]);
}

function* readOwn({ reader, config }: LedgerTextOptions, { families, features }: Memory, nowMs: number): Iterable<Block> {
  const calendar = calendarOf(config);
  for (const name of FAMILY_NAMES) {
    yield name === 'feature' ? features.block(nowMs) : familyBlock(reader, name, families[name], calendar, nowMs);
  }
}

function* readCommunity({ reader, config: { exposition, timezone } }: LedgerTextOptions, { sessions }: Memory, nowMs: number): Iterable<Block> {
  if (!exposition.community_series) return;
  yield* exposition.community_session_id ? sessions.blocks(exposition, nowMs) : communityBlocks(reader, exposition, timezone);
}

/** Gauges, those of the budgets among them, and the age of it all. */
function* readFigures({ reader, config, prices, budgets }: LedgerTextOptions, { gauges }: Memory, nowMs: number): Iterable<string> {
  const calendar = calendarOf(config);
  yield* gauges.texts({ reader, config, prices, budgets: budgets(), calendar, nowMs, where: [] });
  const { asOfMs } = reader.status();
  yield samplesText(gauge(SERIES.asOf, 'When the ledger last committed, in Unix time.'), asOfMs === undefined ? [] : [[{}, asOfMs / 1000]]);
}

const calendarOf = ({ timezone, week_start }: Config): CalendarOptions => ({ timeZone: timezone, weekStart: week_start });
