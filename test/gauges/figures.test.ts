/**
 * Panels that show more than plain sums, as REST answers them, against plain arithmetic over the raw entries: ratios, percentiles, distinct
 * counts, shares without an owner, the largest and the rest, and what was before; for generated ranges, filters and zones.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DERIVED, PERCENTILES } from '../../collector/catalog/figures.ts';
import { DIMENSIONS, type DimensionName } from '../../collector/catalog/measures.ts';
import type { LedgerQuery, Panel } from '../../collector/catalog/panel.ts';
import type { Filter } from '../../collector/catalog/values.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import type { PanelAnswer } from '../../collector/query/boards/answer.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { startApi, type TestApi } from '../api/support.ts';
import { event } from '../support/entries.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { DAY, known } from './oracles/asked.ts';
import { FIGURES, figureOf, isAdditive } from './oracles/figures.ts';

const QUARTER = 900_000;
const HOUR = 4 * QUARTER;
/** After the clocks went back in Europe and in New York. */
const NOW = Date.parse('2026-11-20T15:37:00Z');
const FIRST = NOW - 75 * DAY;
const CASES = 6;

type Shown = readonly [board: string, panel: Panel, query: LedgerQuery];
const PANELS = BOARDS.flatMap((board) =>
  board.rows.flatMap(({ panels }) =>
    panels.flatMap((panel): Shown[] => {
      const { query, visualization } = panel;
      if (query.source !== 'ledger' || query.window !== 'range' || visualization === 'cumulative') return [];
      const isMore = query.figures.some((name) => FIGURES[name] !== undefined) || query.summary !== undefined || query.versus !== undefined;
      return isMore || (visualization === 'bars' && query.by.length > 0) || visualization === 'stat' ? [[board.id, panel, query]] : [];
    }),
  ),
);
const NAMES = PANELS.map(([board, panel, query]) => [`${board}/${panel.id}`, panel, query] as const);

test('every figure that is made of others has an oracle', () => {
  expect(Object.keys(FIGURES).sort()).toEqual([...Object.keys(DERIVED), ...Object.keys(PERCENTILES)].sort());
});

/** More users and workspaces than bars, each entry a session of its own. */
function generated(random: Random): Entry[] {
  const some = (most: number): number => (random.chance(0.4) ? 0 : random.below(most));
  return Array.from({ length: 1_200 }, (_, index) => {
    const created = some(4_000);
    const isUnpriced = random.chance(0.2);
    const [input, read] = [random.below(900), some(9_000)];
    const user = random.chance(0.1) ? '' : `user${random.below(24)}`;
    return {
      ...event({
        ...{
          id: `${index}`,
          sessionId: `s${index}`,
          timeMs: FIRST + Math.floor(random.next() * (NOW - FIRST)),
          user,
          team: random.pick(['core', 'web', '']),
        },
        cost: random.chance(0.1) ? '0' : `${random.below(40)}.${random.below(1_000_000)}`,
        amounts: {
          ...{ requests: 1, input_tokens: input, output_tokens: some(90), cache_read_tokens: read, cache_creation_tokens: created },
          ...{ cache_creation_1h_tokens: random.below(created + 1), unpriced_tokens: isUnpriced ? input + read : 0 },
          ...{ cost_list_uncached: isUnpriced ? 0 : random.below(90) * 1e11, api_duration_ms: random.below(200_000) },
          ...(random.chance(0.5) && { ttft_ms: random.below(40_000), ttft_requests: 1 }),
          ...{ commits: some(3), pull_requests: some(2), lines_added: some(99), prompts: some(5), compactions: some(2), subagents: some(3) },
          ...{ edits_accepted: some(6), edits_rejected: some(3), errors: some(2), refusals: some(2), tool_calls: some(9), tool_failures: some(2) },
          ...{ tool_duration_ms: some(9_000), active_user_ms: some(9_000), active_cli_ms: some(9_000), session_starts: 1 },
        },
        dimensions: known({
          ...{ user, organization: random.pick(['acme', 'beta', '']), model: random.pick(['m1', 'm2', 'm3', '']) },
          ...{ workspace: random.chance(0.1) ? '' : `space${random.below(20)}`, client_version: random.pick(['2.1.238', '2.1.329', '']) },
        }),
      }),
      listCost: BigInt(isUnpriced ? 0 : random.below(50)) * 10n ** 11n,
    };
  });
}

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Picked extends Range {
  readonly before: Range | undefined;
}

const zoned = (ms: number, zone: string): Temporal.ZonedDateTime => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
const floored = (ms: number): number => Math.floor(ms / QUARTER) * QUARTER;

/** A month or a week, over or still running; or some days and hours. With as much of the time before as has gone by of it. */
function picked(random: Random, zone: string): Picked {
  const at = NOW - random.below(70) * DAY;
  const kind = random.pick(['month', 'week', 'days', 'hours'] as const);
  if (kind === 'month' || kind === 'week') {
    const today = zoned(at, zone).toPlainDate();
    const [first, length] = kind === 'month' ? [today.with({ day: 1 }), { months: 1 }] : [today.subtract({ days: today.dayOfWeek - 1 }), { days: 7 }];
    const start = (day: Temporal.PlainDate): number => day.toZonedDateTime(zone).epochMilliseconds;
    const [fromMs, toMs, beforeMs] = [start(first), start(first.add(length)), start(first.subtract(length))];
    const gone = floored(NOW) - fromMs;
    const upToMs = NOW >= toMs ? fromMs : Math.min(fromMs, beforeMs + gone);
    return { fromMs, toMs, before: gone <= 0 ? undefined : { fromMs: beforeMs, toMs: upToMs } };
  }
  // At an odd quarter of an hour, so that it is no period of the calendar.
  const fromMs = floored(at) + (kind === 'hours' ? 0 : QUARTER);
  const toMs = fromMs + (kind === 'hours' ? (1 + random.below(40)) * HOUR : (3 + random.below(20)) * DAY + random.below(90) * QUARTER);
  const endMs = Math.min(toMs, floored(NOW));
  const length = endMs - fromMs;
  if (length <= 0) return { fromMs, toMs, before: undefined };
  const startMs =
    length <= 2 * DAY ? fromMs - Math.ceil(length / HOUR) * HOUR : zoned(fromMs, zone).subtract({ days: Math.ceil(length / DAY) }).epochMilliseconds;
  return { fromMs, toMs, before: { fromMs: startMs, toMs: Math.min(fromMs, startMs + length) } };
}

const stored = ({ dimensions }: Entry, name: DimensionName): string => dimensions[name] ?? '';
const shown = (name: DimensionName, value: string): string => (value === '' ? DIMENSIONS[name].absent : value);
const within = (entries: readonly Entry[], { fromMs, toMs }: Range): Entry[] => entries.filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs);
const isChosen = (where: readonly Filter[]) => (entry: Entry) => where.every(({ dimension, values }) => values.includes(stored(entry, dimension)));

/** What a panel fixes; `not`: none of these. */
const isFixed =
  ({ where = [] }: LedgerQuery) =>
  (entry: Entry): boolean =>
    where.every(({ dimension, values, not }) => values.includes(shown(dimension, stored(entry, dimension))) !== (not === true));

const isNothing = (values: readonly (number | null)[]): boolean => values.every((value) => value === null || Math.abs(value) < 1e-12);

/** A stat: the sum or figure, how many different ones cost anything, or the share of those that are not known. */
function single({ summary, by: [dimension = 'team'], figures: [figure = 'cost'] }: LedgerQuery, entries: readonly Entry[]): number | null {
  if (summary === undefined || summary === 'sum') return figureOf(figure, entries);
  const isOf = (entry: Entry): boolean => stored(entry, dimension) !== '';
  if (summary === 'absent_share') {
    const whole = figureOf('cost', entries) ?? 0;
    return whole === 0
      ? null
      : (figureOf(
          'cost',
          entries.filter((entry) => !isOf(entry)),
        ) ?? 0) / whole;
  }
  return [...Map.groupBy(entries.filter(isOf), (entry) => stored(entry, dimension)).values()].filter((own) => figureOf('cost', own) !== 0).length;
}

const groupsOf = ({ by }: LedgerQuery, entries: readonly Entry[]): Map<string, Entry[]> =>
  Map.groupBy(entries, (entry) => by.map((name) => shown(name, stored(entry, name))).join(' · '));

type Rows = Readonly<Record<string, readonly (number | null)[]>>;

/** Of bars: value, share of the whole, and how many they stand for. */
function bars(query: LedgerQuery, entries: readonly Entry[]): Rows {
  const [figure = 'cost'] = query.figures;
  const groups = [...groupsOf(query, entries)].map(([label, own]) => ({ label, own, value: figureOf(figure, own) }));
  const drawn = groups.filter(({ value }) => !isNothing([value])).toSorted((a, b) => (b.value ?? 0) - (a.value ?? 0) || (a.label < b.label ? -1 : 1));
  const whole = isAdditive(figure) ? figureOf(figure, entries) : null;
  // What a cache lost beside what another saved is no part of the savings.
  const shareOf = (value: number): number | null => (whole === null || whole === 0 || value / whole < 0 || value / whole > 1 ? null : value / whole);
  const row = (value: number | null, rest: number | null) => [value, value === null ? null : shareOf(value), rest];
  const beyond = isAdditive(figure) ? drawn.slice(query.top) : [];
  return Object.fromEntries([
    ...drawn.slice(0, query.top).map(({ label, value }) => [label, row(value, null)]),
    ...(beyond.length === 0
      ? []
      : [
          [
            'other',
            row(
              figureOf(
                figure,
                beyond.flatMap(({ own }) => own),
              ),
              beyond.length,
            ),
          ],
        ]),
  ]);
}

/** Every figure; compared with the time before also that and the change, where it is known. */
function cells({ figures, versus }: LedgerQuery, now: readonly Entry[], before: readonly Entry[] | undefined): (number | null)[] {
  return figures.flatMap((name) => {
    const value = figureOf(name, now);
    if (versus === undefined) return [value];
    const past = before === undefined ? null : figureOf(name, before);
    return [value, past, value === null || past === null ? null : value - past];
  });
}

function table(query: LedgerQuery, now: readonly Entry[], before: readonly Entry[] | undefined): Rows {
  const [own, past] = [groupsOf(query, now), groupsOf(query, before ?? [])];
  const labels = [...new Set([...own.keys(), ...past.keys()])];
  const rows = labels.map((label) => [label, cells(query, own.get(label) ?? [], before && (past.get(label) ?? []))] as const);
  return Object.fromEntries([...rows.filter(([, values]) => !isNothing(values)), ['', cells(query, now, before)] as const]);
}

/** Of each bar of the time range, up to the present. */
function lines(query: LedgerQuery, entries: readonly Entry[], range: Range, zone: string): Rows {
  const length = Math.min(range.toMs, NOW) - range.fromMs;
  const unit = length <= 2 * DAY ? 'hour' : 'day';
  const starts: number[] = [];
  let start = zoned(range.fromMs, zone).round({ smallestUnit: unit, roundingMode: 'floor' });
  while (start.epochMilliseconds < range.toMs && start.epochMilliseconds <= NOW) {
    starts.push(start.epochMilliseconds);
    start = unit === 'hour' ? start.add({ hours: 1 }) : start.toPlainDate().add({ days: 1 }).toZonedDateTime(zone);
  }
  const bar = (index: number): Entry[] => within(entries, { fromMs: starts[index] ?? 0, toMs: starts[index + 1] ?? range.toMs });
  const names = query.summary === 'distinct' ? [query.figures[0] ?? 'cost'] : query.figures;
  const all = names.map((name) => {
    const of = (own: readonly Entry[]): number | null => (query.summary === 'distinct' ? single(query, own) : figureOf(name, own));
    return starts.map((_, index) => of(bar(index)));
  });
  const drawn = all.filter((values) => !isNothing(values));
  return Object.fromEntries(drawn.map((values, index) => [`line ${index}`, values]));
}

const number = (value: string | number | null | undefined): number | null => (value === null || value === undefined ? null : Number(value));

function answered({ data }: PanelAnswer): Rows {
  if (data.stat !== undefined) return { value: [number(data.stat.value), number(data.stat.previous)] };
  if (data.bars !== undefined) {
    return Object.fromEntries(data.bars.rows.map(({ label, value, share, rest }) => [label, [number(value), share, rest ?? null]]));
  }
  if (data.series !== undefined) return Object.fromEntries(data.series.series.map(({ values }, index) => [`line ${index}`, values.map(number)]));
  const { columns = [], rows = [], totals = [] } = data.table ?? {};
  const figures = columns.flatMap(({ unit }, index) => (unit === 'label' ? [] : [index]));
  const label = (all: readonly (string | number | null)[]): string => all.filter((_, index) => !figures.includes(index)).join(' · ');
  const own = rows.map((row) => [label(row.cells), figures.map((index) => number(row.cells[index]))] as const);
  return Object.fromEntries([...own, ['', figures.map((index) => number(totals[index]))] as const]);
}

describe.each([
  ['UTC', 'UTC'],
  ['Europe/Berlin', 'America/New_York'],
  ['Asia/Kolkata', 'Asia/Kolkata'],
])('a ledger in %s, asked in %s', (timezone, zone) => {
  const random = seededRandom(`figures ${timezone} ${zone}`);
  const all = generated(random);
  const firstMs = zoned(Math.min(...all.map(({ timeMs }) => timeMs)), zone).startOfDay().epochMilliseconds;
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({ nowMs: NOW, config: { timezone } });
    await api.append(all);
  });
  afterAll(() => api.stop());

  const filters = (): Filter[] =>
    (['organization', 'team', 'user', 'workspace'] as const)
      .filter(() => random.chance(0.2))
      .map((dimension) => {
        const values = [...new Set(all.map((entry) => stored(entry, dimension)))];
        return { dimension, values: [...new Set([1, 2, 3, 4].map(() => random.pick(values)))] };
      });

  function expected({ visualization }: Panel, query: LedgerQuery, range: Picked, where: readonly Filter[]): Rows {
    const entries = all.filter(isChosen(where)).filter(isFixed(query));
    const now = within(entries, range);
    const { before } = range;
    const isKnown = before !== undefined && before.toMs > before.fromMs && firstMs <= before.fromMs;
    const past = before !== undefined && isKnown ? within(entries, before) : undefined;
    if (visualization === 'stat') return { value: [single(query, now), past === undefined ? null : single(query, past)] };
    if (visualization === 'table') return table(query, now, past);
    if (visualization === 'bars') return query.by.length === 0 ? {} : bars(query, now);
    return lines(
      query,
      entries.filter(({ timeMs }) => timeMs >= range.fromMs && timeMs < range.toMs),
      range,
      zone,
    );
  }

  test.each(NAMES)('%s', async (name, panel, query) => {
    if (panel.visualization === 'bars' && query.by.length === 0) return;
    for (let index = 0; index < CASES; index++) {
      const range = picked(random, zone);
      const where = filters();
      const asked = new URLSearchParams({ tz: zone, from: new Date(range.fromMs).toISOString(), to: new Date(range.toMs).toISOString() });
      for (const { dimension, values } of where) for (const value of values) asked.append('where', `${dimension}:${shown(dimension, value)}`);
      const [board, id] = name.split('/');
      const { body, status } = await api.get<PanelAnswer>(`/api/v1/boards/${board}/panels/${id}?${asked}`);
      const right = expected(panel, query, range, where);
      const nearly = Object.fromEntries(
        Object.entries(right).map(([label, values]) => [label, values.map((value) => (value === null ? null : expect.closeTo(value, 6)))]),
      );
      expect([String(asked), status, answered(body)]).toEqual([String(asked), 200, nearly]);
    }
  });
});
