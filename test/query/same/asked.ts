/** Questions of sums, made by a seeded random: zones, days on which clocks change, filters, scopes. */
import type { DimensionName } from '../../../collector/catalog/measures.ts';
import { showValue } from '../../../collector/catalog/values.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import type { Random } from '../../support/random.ts';
import { DAY, generateEntries, MOMENTS } from '../../support/random-budgets.ts';

export const MEASURES = ['cost', 'cost_list', 'requests', 'input_tokens', 'output_tokens', 'cache_read_tokens'] as const;
export type Measure = (typeof MEASURES)[number];

export const GRAINS = ['total', 'day', 'week', 'month', 'quarter_hour'] as const;

export const VALUES = {
  organization: ['acme', 'globex', ''],
  team: ['platform', 'data', ''],
  user: ['ada@example.com', 'ben@example.com', 'cleo@example.com', ''],
  workspace: ['api', 'web', ''],
  model: ['claude-opus-5-5', 'claude-haiku-5-5'],
} as const;
export type Dimension = keyof typeof VALUES;
const DIMENSIONS = Object.keys(VALUES) as Dimension[];

/** A zone on each side of the date line, with whole and odd offsets, and with midnights that do not exist. */
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'Pacific/Apia',
  'Africa/Cairo',
];

/** Who asks, by the token that they send. */
export const SCOPES = {
  all: {},
  platform: { team: ['platform'] },
  ada: { user: ['ada@example.com'] },
  acme: { organization: ['acme'], team: ['data', 'platform'] },
  nobody: { workspace: ['nowhere'] },
} as const satisfies Readonly<Record<string, Readonly<Partial<Record<Dimension, readonly string[]>>>>>;
export type ScopeName = keyof typeof SCOPES;

export interface Asked {
  readonly by: readonly Dimension[];
  readonly measures: readonly Measure[];
  readonly grain: (typeof GRAINS)[number];
  readonly tz: string;
  /** As they are written, and read by somebody else than the collector; undefined: open. */
  readonly from: Point | undefined;
  readonly to: Point | undefined;
  /** Stored values. */
  readonly where: Readonly<Partial<Record<Dimension, readonly string[]>>>;
  readonly scope: ScopeName;
}

/** A day of a zone, or an instant on a quarter of an hour. */
export type Point = { readonly day: string } | { readonly ms: number };

export const entriesOf = (random: Random): Entry[] =>
  generateEntries(random).map((entry) => {
    const more = { organization: random.pick(VALUES.organization), workspace: random.pick(VALUES.workspace) };
    const known = Object.entries({ ...entry.dimensions, ...more }).filter(([, value]) => value !== '');
    return { ...entry, dimensions: Object.fromEntries(known) };
  });

const pickSome = <Item>(random: Random, items: readonly Item[], most: number): Item[] =>
  random.shuffle(items).slice(0, random.below(Math.min(most, items.length) + 1));

export function anyQuestion(random: Random): Asked {
  const filtered = random.chance(0.4) ? pickSome(random, DIMENSIONS, 2) : [];
  const [from, to] = timeRange(random);
  const [first = 'cost', ...others] = random.shuffle(MEASURES);
  return {
    ...{ from, to, by: pickSome(random, DIMENSIONS, 3), measures: [first, ...others.slice(0, random.below(3))] },
    ...{ grain: random.pick(GRAINS), tz: random.pick(ZONES), scope: random.pick(Object.keys(SCOPES) as ScopeName[]) },
    where: Object.fromEntries(
      filtered.map((name) => [name, pickSome<string>(random, [...VALUES[name], 'nowhere'], 2)]).filter(([, values]) => values?.length !== 0),
    ),
  };
}

function timeRange(random: Random): readonly [Point | undefined, Point | undefined] {
  const around = random.pick(MOMENTS);
  const fromMs = around - random.below(6) * DAY - random.below(96) * 900_000;
  const toMs = fromMs + (2 + random.below(20)) * DAY + random.below(96) * 900_000;
  const point = (ms: number): Point | undefined => {
    if (random.chance(0.15)) return undefined;
    return random.chance(0.5) ? { day: new Date(ms).toISOString().slice(0, 10) } : { ms: Math.floor(ms / 900_000) * 900_000 };
  };
  return [point(fromMs), point(toMs)];
}

const wordOf = (point: Point): string => ('day' in point ? point.day : new Date(point.ms).toISOString());

/** What every surface takes, in the words of REST. */
export interface Words {
  readonly by: string;
  readonly measures: string;
  readonly grain: string;
  readonly tz: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly where: readonly string[];
}

export const wordsOf = ({ by, measures, grain, tz, from, to, where }: Asked): Words => ({
  ...{ by: by.join(','), measures: measures.join(','), grain, tz },
  ...{ from: from && wordOf(from), to: to && wordOf(to) },
  where: (Object.keys(where) as Dimension[]).flatMap((name) =>
    (where[name] ?? []).map((value) => `${name}:${showValue(name satisfies DimensionName, value)}`),
  ),
});

export function queryOf({ where, ...words }: Words): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(words)) if (typeof value === 'string' && value !== '') query.set(name, value);
  for (const filter of where) query.append('where', filter);
  return query;
}
