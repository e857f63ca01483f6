/** Gauges that are of no selection as plain computations over the raw entries, from what their help says. No code of the gauges is used. */
import { CLIENT_FAULTS, type ClientFault } from '../../../collector/catalog/client-faults.ts';
import type { GaugeName } from '../../../collector/catalog/gauges.ts';
import { DIMENSIONS } from '../../../collector/catalog/measures.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { type Asked, cost, DAY, isChosen, isThisMonth, MINUTE, type Own, stored } from './asked.ts';

/** Label values, joined by "|", to the figure. */
export type Samples = Readonly<Record<string, number>>;
export type Instant = (asked: Asked) => Samples;

export const BENCHMARKS = [{ edition: '2027', average_usd: 7, p90_usd: 19 }] as const;
export const LIMITS = { tokens_per_minute: 90_000, requests_per_minute: 70 } as const;

type Label = Own | 'client_version';
const shown = (entry: Entry, ...labels: readonly Label[]): string =>
  labels.map((label) => stored(entry, label) || DIMENSIONS[label].absent).join('|');
const narrowedBy = (asked: Asked, ...known: readonly string[]): boolean => asked.where.every(({ dimension }) => known.includes(dimension));
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const chosen = (asked: Asked): Entry[] => asked.entries.filter(isChosen(asked.where));
const zoned = (ms: number, zone: string): Temporal.ZonedDateTime => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
/** When the day begins in which an instant lies, so many days later. */
const midnight = (ms: number, zone: string, days = 0): number => zoned(ms, zone).toPlainDate().add({ days }).toZonedDateTime(zone).epochMilliseconds;

interface Seen {
  readonly last: Entry;
  readonly firstMinute: number;
  readonly lastMinute: number;
}

/** Of each user of an organization who was last seen in what was chosen. */
function seen(asked: Asked): Seen[] {
  if (!narrowedBy(asked, 'organization', 'team', 'user')) return [];
  const users = Map.groupBy(asked.entries, (entry) => `${stored(entry, 'organization')}|${stored(entry, 'user')}`);
  return [...users.values()].flatMap((own) => {
    const sorted = own.toSorted((a, b) => a.timeMs - b.timeMs);
    const [first, last] = [sorted.at(0), sorted.at(-1)];
    if (first === undefined || last === undefined || !isChosen(asked.where)(last)) return [];
    return [{ last, firstMinute: Math.floor(first.timeMs / MINUTE), lastMinute: Math.floor(last.timeMs / MINUTE) }];
  });
}
const since = ({ nowMs }: Asked, days: number): number => Math.floor((nowMs - days * DAY) / MINUTE);
const isKnown = ({ last }: Seen): boolean => stored(last, 'user') !== '';

/** As Anthropic publishes it: up to so many users, tokens and requests for each of them. */
const PUBLISHED = [
  [5, 200_000, 300_000, 5, 7],
  [20, 100_000, 150_000, 2.5, 3.5],
  [50, 50_000, 75_000, 1.25, 1.75],
] as const;
const recommended =
  (low: 1 | 3): Instant =>
  (asked) => {
    const active = seen(asked).filter((one) => isKnown(one) && one.lastMinute >= since(asked, 30));
    const users = new Set(active.map(({ last }) => stored(last, 'user'))).size;
    const row = PUBLISHED.find(([most]) => users <= most);
    return users === 0 || row === undefined ? {} : { low: users * row[low], high: users * (low === 1 ? row[2] : row[4]) };
  };

/** Sessions of one owner each, seen in the month, with all that they ever were. */
function sessionsOf(asked: Asked): (readonly Entry[])[] {
  if (!narrowedBy(asked, 'organization', 'team', 'user', 'workspace')) return [];
  const sessions = [...Map.groupBy(asked.entries, ({ sessionId }) => sessionId).values()];
  return sessions.filter((own) => own.some(isThisMonth(asked)) && own.every(isChosen(asked.where)));
}
const lastOf = (own: readonly Entry[]): number => Math.max(...own.map(({ timeMs }) => timeMs));
const lengthOf = (own: readonly Entry[]): number => (lastOf(own) - Math.min(...own.map(({ timeMs }) => timeMs))) / 1000;
const largestSessions =
  (of: (own: readonly Entry[]) => number): Instant =>
  (asked) => {
    const rounded = (own: readonly Entry[]): number => Number(of(own).toFixed(6));
    const all = sessionsOf(asked).toSorted((a, b) => rounded(b) - rounded(a) || lastOf(b) - lastOf(a));
    return Object.fromEntries(
      all
        .slice(0, 25)
        .flatMap((own) =>
          own.slice(0, 1).map((entry) => [`${entry.sessionId}|${shown(entry, 'organization', 'team', 'user', 'workspace')}`, of(own)]),
        ),
    );
  };

const numbered = (of: (sequences: readonly number[]) => number): Instant => {
  const teams = (asked: Asked) => {
    const sessions = [...Map.groupBy(asked.entries, ({ sessionId }) => sessionId).values()];
    const recent = sessions.filter((own) => own.some(({ timeMs }) => timeMs >= asked.nowMs - 7 * DAY) && own.every(isChosen(asked.where)));
    return Map.groupBy(recent, ([first]) => (first === undefined ? '' : shown(first, 'organization', 'team')));
  };
  return (asked) =>
    narrowedBy(asked, 'organization', 'team', 'user', 'client_version')
      ? Object.fromEntries(
          [...teams(asked)].map(([team, sessions]) => [team, sum(sessions.map((own) => of(own.map(({ sequence = 0 }) => sequence))))]),
        )
      : {};
};

/** The version as a number: thousands for each part. */
const numberOf = (parts: readonly number[]): number => parts.reduce((all, part) => all * 10_000 + part, 0);
const isFaulty = (version: string, { from, to }: ClientFault): boolean => {
  const own = numberOf(version.split('.').map(Number));
  return own <= numberOf(to) && (from === undefined || own >= numberOf(from));
};

export const INSTANT_ORACLES: Readonly<Partial<Record<GaugeName, Instant>>> = {
  user_last_seen: (asked) =>
    Object.fromEntries(seen(asked).map(({ last, lastMinute }) => [shown(last, 'organization', 'team', 'user'), lastMinute * 60])),
  user_first_seen: (asked) =>
    Object.fromEntries(
      seen(asked)
        .filter((one) => isKnown(one) && one.firstMinute >= since(asked, 30))
        .map(({ last, firstMinute }) => [shown(last, 'organization', 'team', 'user'), firstMinute * 60]),
    ),
  requests_by_hour(asked) {
    const { nowMs, timeZone } = asked;
    const recent = chosen(asked).filter(({ timeMs }) => timeMs >= midnight(nowMs, timeZone, -27) && timeMs < midnight(nowMs, timeZone, 1));
    if (recent.length === 0) return {};
    const hours = [1, 2, 3, 4, 5, 6, 7].flatMap((day) => Array.from({ length: 24 }, (_, hour) => [day, hour] as const));
    const isIn = (day: number, hour: number) => (entry: Entry) => {
      const { dayOfWeek, hour: own } = zoned(entry.timeMs, timeZone);
      return dayOfWeek === day && own === hour;
    };
    return Object.fromEntries(hours.map(([day, hour]) => [`${day}|${String(hour).padStart(2, '0')}`, recent.filter(isIn(day, hour)).length]));
  },
  period_start({ nowMs, timeZone }) {
    const today = zoned(nowMs, timeZone).toPlainDate();
    const first = { day: today, week: today.subtract({ days: today.dayOfWeek - 1 }), month: today.with({ day: 1 }) };
    return Object.fromEntries(Object.entries(first).map(([period, day]) => [period, day.toZonedDateTime(timeZone).epochMilliseconds / 1000]));
  },
  recommended_tokens_per_minute: recommended(1),
  recommended_requests_per_minute: recommended(3),
  limit_tokens_per_minute: () => ({ '': LIMITS.tokens_per_minute }),
  limit_requests_per_minute: () => ({ '': LIMITS.requests_per_minute }),
  rate_limit_used: ({ entries, nowMs, where }): Readonly<Record<string, number>> => {
    if (where.length > 0) return {};
    const minute = ({ timeMs }: Entry): number => Math.floor(timeMs / MINUTE);
    const recent = entries.filter((entry) => minute(entry) >= Math.ceil(nowMs / MINUTE) - 15 && minute(entry) < nowMs / MINUTE);
    const busiest = (of: (own: readonly Entry[]) => number): number => Math.max(0, ...[...Map.groupBy(recent, minute).values()].map(of));
    const tokens = (own: readonly Entry[]): number =>
      own.reduce(
        (sum, { amounts }) =>
          sum + Number(amounts.input_tokens ?? 0) + Number(amounts.output_tokens ?? 0) + Number(amounts.cache_creation_tokens ?? 0),
        0,
      );
    return {
      tokens_per_minute: busiest(tokens) / LIMITS.tokens_per_minute,
      requests_per_minute: busiest((own) => own.length) / LIMITS.requests_per_minute,
    };
  },
  benchmark_cost_per_user_day: () =>
    Object.fromEntries(
      BENCHMARKS.flatMap((one) => [
        [`${one.edition}|average`, 7],
        [`${one.edition}|p90`, 19],
      ]),
    ),
  session_cost: largestSessions(cost),
  session_duration: largestSessions(lengthOf),
  sessions_by_cost(asked) {
    const organizations = Map.groupBy(sessionsOf(asked), ([first]) => (first === undefined ? '' : shown(first, 'organization')));
    return Object.fromEntries(
      [...organizations].flatMap(([organization, sessions]) => {
        const from = (low: number, high = Number.POSITIVE_INFINITY) =>
          sessions.filter((own) => Number(cost(own).toFixed(6)) >= low && Number(cost(own).toFixed(6)) < high).length;
        const bands = { '<0.10': from(0, 0.1), '0.10-1': from(0.1, 1), '1-5': from(1, 5), '5-20': from(5, 20), '20+': from(20) };
        return Object.entries(bands).map(([band, count]) => [`${organization}|${band}`, count]);
      }),
    );
  },
  client_fault(asked) {
    const versions = Map.groupBy(chosen(asked), (entry) => stored(entry, 'client_version'));
    return Object.fromEntries(
      [...versions].flatMap(([version, own]) =>
        CLIENT_FAULTS.filter((fault) => version !== '' && isFaulty(version, fault)).map((fault) => [
          `${version}|${fault.words}`,
          midnight(Math.min(...own.map(({ timeMs }) => timeMs)), asked.timeZone) / 1000,
        ]),
      ),
    );
  },
  sequence_received: numbered((sequences) => sequences.length),
  sequence_missing: numbered((sequences) => Math.max(...sequences) - Math.min(...sequences) + 1 - sequences.length),
  ledger_cost: (asked) => ({ '': cost(chosen(asked)) }),
  set_aside_cost: (asked) => ({ '': cost(asked.setAside?.filter(isChosen(asked.where)) ?? []) }),
  unreconciled_cost: (asked) => ({ '': cost(asked.heldBack?.filter(isChosen(asked.where)) ?? []) }),
};

/** Days on which the price of a model begins, and USD per million tokens of each class. */
export interface Price {
  readonly from: string;
  readonly input: number;
  readonly output: number;
  readonly cache_read: number;
}
export const PRICES: Readonly<Record<string, readonly [Price, ...Price[]]>> = {
  'claude-opus-4': [{ from: '2025-05-22', input: 16, output: 80, cache_read: 2 }],
  'claude-opus-5': [
    { from: '2026-09-01', input: 8, output: 40, cache_read: 1 },
    { from: '2026-10-07', input: 4, output: 40, cache_read: 0.5 },
    { from: '2026-11-15', input: 2, output: 10, cache_read: 0.5 },
  ],
  'claude-haiku-5': [
    { from: '2026-01-01', input: 1, output: 5, cache_read: 0.125 },
    { from: '2026-11-03', input: 2, output: 5, cache_read: 0.125 },
  ],
  'claude-haiku-6': [{ from: '2026-11-12', input: 3, output: 6, cache_read: 0.25 }],
};
/** The newest of a line that can be bought, by the day. */
const newest = (day: string): string[] => ['claude-opus-5', day >= '2026-11-12' ? 'claude-haiku-6' : 'claude-haiku-5'];

const ratesOf = ({ input, output, cache_read }: Price): Readonly<Record<string, number>> => ({
  ...{ input, output, cache_read, cache_creation: input * 1.25, cache_creation_1h: input * 2 },
});
const utcDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const priceOn = (model: string, day: string): Price | undefined => PRICES[model]?.findLast(({ from }) => from <= day);
const usedThisMonth = (asked: Asked): Entry[] => chosen(asked).filter(isThisMonth(asked));

function pricesNow(asked: Asked): [string, Readonly<Record<string, number>>][] {
  const day = utcDay(asked.nowMs);
  const models = new Set([...newest(day), ...usedThisMonth(asked).map((entry) => stored(entry, 'model'))]);
  return [...models].flatMap((model): [string, Readonly<Record<string, number>>][] => {
    const price = priceOn(model, day);
    return price === undefined ? [] : [[model, ratesOf(price)]];
  });
}

export const PRICE_ORACLES: Readonly<Partial<Record<GaugeName, Instant>>> = {
  list_price(asked) {
    const only = asked.where.find(({ dimension }) => dimension === 'model')?.values;
    const models = pricesNow(asked).filter(([model]) => only === undefined || only.includes(model));
    return Object.fromEntries(models.flatMap(([model, rates]) => Object.entries(rates).map(([name, rate]) => [`${model}|${name}`, rate])));
  },
  alternative_cost(asked) {
    const used = usedThisMonth(asked);
    if (used.length === 0) return {};
    const tokens = (name: 'input' | 'output' | 'cache_read' | 'cache_creation' | 'cache_creation_1h'): number =>
      sum(used.map(({ amounts }) => amounts[`${name}_tokens`] ?? 0));
    return Object.fromEntries(
      pricesNow(asked).map(([model, { input = 0, output = 0, cache_read = 0, cache_creation = 0, cache_creation_1h = 0 }]) => {
        const short = tokens('cache_creation') - tokens('cache_creation_1h');
        const amounts = [tokens('input') * input, tokens('output') * output, tokens('cache_read') * cache_read];
        return [model, sum([...amounts, short * cache_creation, tokens('cache_creation_1h') * cache_creation_1h]) / 1e6];
      }),
    );
  },
  price_change(asked) {
    const used = new Set(chosen(asked).map((entry) => stored(entry, 'model')));
    return Object.fromEntries(
      Object.entries(PRICES)
        .filter(([model]) => used.has(model))
        .flatMap(([model, rows]) =>
          rows.slice(1).flatMap((after, index) => {
            const before = ratesOf(rows[index] ?? after);
            const changed = Object.entries(ratesOf(after)).filter(([name, rate]) => rate !== before[name]);
            const words = changed.map(([name, rate]) => `${name} ${before[name]} to ${rate}`).join(', ');
            const ms = Date.parse(after.from);
            return ms > asked.nowMs ? [] : [[`${model}|${words}`, ms / 1000]];
          }),
        ),
    );
  },
};
