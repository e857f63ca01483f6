/**
 * Every gauge of a selection against a plain computation over the raw entries, from what its help says of it, for generated ledgers, filters
 * and instants. No code of the gauges is used.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GAUGES, type GaugeDeclaration, type GaugeName } from '../../collector/catalog/gauges.ts';
import type { Filter } from '../../collector/catalog/values.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { GAUGE_READERS } from '../../collector/query/gauges/registry.ts';
import { contextOf } from '../query/gauges/gauge-context.ts';
import { event } from '../support/entries.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** After the clock went back in New York, within a month that has two offsets. */
const LAST = Date.parse('2026-11-09T20:31:00Z');
const CASES = 25;

type Own = 'organization' | 'team' | 'user' | 'workspace' | 'model';
const stored = ({ dimensions }: Entry, name: Own | 'query_source'): string => dimensions[name] ?? '';
const known = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));

const ENTRIES = 700;

/** Users who work in several organizations and change teams. A session has one owner and ends with the day. */
function generated(random: Random, timeZone: string): Entry[] {
  return Array.from({ length: ENTRIES }, (_, index) => {
    // No two in one minute, which is all that the ledger knows of when somebody was last seen.
    const minutes = Math.floor((random.next() ** 2 * 45 * DAY) / MINUTE / ENTRIES) * ENTRIES + index + 1;
    const timeMs = LAST - minutes * MINUTE + random.below(MINUTE);
    const day = Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(timeZone).toPlainDate().toString();
    const owner = { user: random.pick(['ada', 'bob', 'cy', 'dee', 'eve', 'fay', '']), organization: random.pick(['acme', 'acme', 'beta', '']) };
    const [team, workspace] = [random.pick(['core', 'web', '']), random.pick(['api', 'site'])];
    return event({
      id: `${index}`,
      sessionId: [owner.user, owner.organization, team, workspace, day].join('/'),
      cost: random.chance(0.1) ? '0' : String(random.below(9_000) / 100),
      timeMs,
      user: owner.user,
      team,
      amounts: { requests: 1, input_tokens: random.below(900), output_tokens: random.below(90), cache_read_tokens: random.below(10_000) },
      dimensions: known({ ...owner, team, workspace, model: random.pick(['m1', 'm2']), query_source: random.pick(['main', 'auxiliary']) }),
    });
  }).sort((a, b) => a.timeMs - b.timeMs);
}

interface Asked {
  readonly entries: readonly Entry[];
  readonly nowMs: number;
  readonly timeZone: string;
  readonly where: readonly Filter[];
}

const dayOf = ({ timeMs }: Pick<Entry, 'timeMs'>, zone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(zone).toPlainDate().toString();
const isThisMonth = ({ timeZone, nowMs }: Asked) => {
  const month = dayOf({ timeMs: nowMs }, timeZone).slice(0, 7);
  return (entry: Entry): boolean => dayOf(entry, timeZone).startsWith(month);
};
const isChosen = (where: readonly Filter[]) => (entry: Entry) =>
  where.every(({ dimension, values }) => values.includes(stored(entry, dimension as Own)));
const cost = (entries: readonly Entry[]): number => entries.reduce((sum, entry) => sum + Number(entry.cost) / 1e12, 0);
/** The smallest value that this share does not exceed. */
const rank = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b).find((value) => values.filter((other) => other <= value).length >= share * values.length - 1e-6) ?? Number.NaN;

/** Label values beside organization and team, to the figure; of entries within what was chosen, all of one organization or team where it says so. */
type Oracle = (entries: readonly Entry[], asked: Asked) => Readonly<Record<string, number>>;

const costsOfUsers = (entries: readonly Entry[], asked: Asked): number[] =>
  [...Map.groupBy(entries.filter(isThisMonth(asked)), (entry) => stored(entry, 'user'))]
    .map(([user, own]) => (user === '' ? 0 : cost(own)))
    .filter((amount) => amount > 0);

const perMinute =
  (of: (entries: readonly Entry[]) => number): Oracle =>
  (entries, { nowMs }) => {
    const minute = (ms: number) => Math.floor(ms / MINUTE);
    const recent = entries.filter(({ timeMs }) => minute(timeMs) >= minute(nowMs - 7 * DAY));
    const amounts = [...Map.groupBy(recent, ({ timeMs }) => minute(timeMs)).values()].map(of);
    return amounts.length === 0 ? {} : Object.fromEntries([0.5, 0.95, 0.99].map((share) => [share, rank(amounts, share)]));
  };
const sumOf = (entries: readonly Entry[], ...names: ('input_tokens' | 'output_tokens')[]): number =>
  entries.reduce((sum, { amounts }) => names.reduce((all, name) => all + Number(amounts[name] ?? 0), sum), 0);

const ORACLES: Readonly<Partial<Record<GaugeName, Oracle>>> = {
  spend_concentration(entries, asked) {
    const costs = costsOfUsers(entries, asked).sort((a, b) => b - a);
    const sum = (some: readonly number[]): number => some.reduce((all, one) => all + one, 0);
    return costs.length === 0 ? {} : { '': sum(costs.slice(0, Math.ceil(costs.length / 10))) / sum(costs) };
  },
  users_by_spend(entries, asked) {
    const costs = costsOfUsers(entries, asked);
    const from = (low: number, high = Number.POSITIVE_INFINITY) => costs.filter((one) => one >= low && one < high).length;
    const bands = { '<20': from(0, 20), '20-100': from(20, 100), '100-200': from(100, 200), '200-500': from(200, 500), '500+': from(500) };
    return costs.length === 0 ? {} : bands;
  },
  cost_per_active_user_day(entries, asked) {
    const days = Map.groupBy(
      entries.filter(isThisMonth(asked)).filter((entry) => stored(entry, 'user') !== ''),
      (entry) => `${dayOf(entry, asked.timeZone)} ${stored(entry, 'user')}`,
    );
    const costs = [...days.values()].map(cost).filter((amount) => amount > 0);
    return costs.length === 0 ? {} : { average: costs.reduce((sum, one) => sum + one, 0) / costs.length, p90: rank(costs, 0.9) };
  },
  background_cost_per_session(entries, asked) {
    const month = entries.filter(isThisMonth(asked));
    const sessions = new Set(month.map(({ sessionId }) => sessionId)).size;
    return sessions === 0 ? {} : { '': cost(month.filter((entry) => stored(entry, 'query_source') === 'auxiliary')) / sessions };
  },
  requests_per_minute: perMinute((entries) => entries.length),
  tokens_per_minute: perMinute((entries) => sumOf(entries, 'input_tokens', 'output_tokens')),
};

/** Who is in which team at last needs all that a user did: the entries come as one for each user of an organization. */
function lastOfUsers({ entries, nowMs }: Asked): Entry[] {
  const users = Map.groupBy(
    entries.filter((entry) => stored(entry, 'user') !== '' && entry.timeMs <= nowMs),
    (entry) => `${stored(entry, 'organization')}/${stored(entry, 'user')}`,
  );
  return [...users.values()].flatMap((own) => own.toSorted((a, b) => a.timeMs - b.timeMs).slice(-1));
}

/** Of each user in the organizations of the selection, the last and the first minute. A user of two organizations is one. */
function seenOf(last: readonly Entry[], { entries }: Asked): { readonly last: number; readonly first: number }[] {
  return [...Map.groupBy(last, (entry) => stored(entry, 'user'))].map(([user, own]) => {
    const organizations = own.map((entry) => stored(entry, 'organization'));
    const all = entries.filter((entry) => stored(entry, 'user') === user && organizations.includes(stored(entry, 'organization')));
    const minutes = all.map(({ timeMs }) => Math.floor(timeMs / MINUTE));
    return { last: Math.max(...minutes), first: Math.min(...minutes) };
  });
}
const ago = ({ nowMs }: Asked, days: number): number => Math.floor((nowMs - days * DAY) / MINUTE);
const active = (last: readonly Entry[], asked: Asked, days: number): number =>
  seenOf(last, asked).filter((user) => user.last >= ago(asked, days)).length;

/** Of those who were last seen in what was chosen. */
const USERS: Readonly<Partial<Record<GaugeName, Oracle>>> = {
  stickiness: (last, asked) => (active(last, asked, 30) === 0 ? {} : { '': active(last, asked, 1) / active(last, asked, 30) }),
  active_users: (last, asked) => ({ day: active(last, asked, 1), week: active(last, asked, 7), month: active(last, asked, 30) }),
  new_users: (last, asked) => ({ '': seenOf(last, asked).filter(({ first }) => first >= ago(asked, 30)).length }),
  lapsed_users: (last, asked) => ({ '': seenOf(last, asked).length - active(last, asked, 30) }),
};

/** What each gauge can be narrowed by; otherwise it has no samples. */
const NARROWED: Readonly<Partial<Record<GaugeName, readonly string[]>>> = {
  ...Object.fromEntries(Object.keys(USERS).map((name) => [name, ['organization', 'team', 'user']])),
  requests_per_minute: ['organization', 'team'],
  tokens_per_minute: ['organization', 'team'],
};

/** Of everything chosen, of each organization and of each team, by the labels. */
function expected(name: GaugeName, asked: Asked): Map<string, number> {
  const isAble = asked.where.every(({ dimension }) => NARROWED[name]?.includes(dimension) ?? true);
  const oracle = USERS[name] ?? ORACLES[name];
  if (oracle === undefined) throw new Error(`${name} has no oracle.`);
  const items = (name in USERS ? lastOfUsers(asked) : asked.entries).filter(isChosen(asked.where));
  const shown = (entry: Entry, label: 'organization' | 'team'): string => stored(entry, label) || 'unallocated';
  const groups = [
    () => ['', ''],
    (entry: Entry) => [shown(entry, 'organization'), ''],
    (entry: Entry) => [shown(entry, 'organization'), shown(entry, 'team')],
  ].flatMap((labels) => [...Map.groupBy(isAble ? items : [], (entry) => labels(entry).join())]);
  return new Map(groups.flatMap(([owner, own]) => Object.entries(oracle(own, asked)).map(([rest, value]) => [`${owner},${rest}`, value] as const)));
}

const NAMES = (Object.entries(GAUGES) as [GaugeName, GaugeDeclaration][]).flatMap(([name, { isOfSelection }]) => (isOfSelection ? [name] : []));

test('every gauge of a selection has an oracle; forecasts are held to each other', () => {
  expect(NAMES.filter((name) => !(name in ORACLES) && !(name in USERS))).toEqual(['forecast']);
});

describe.each(['UTC', 'America/New_York', 'Asia/Kolkata'])('a ledger in %s', (timeZone) => {
  const random = seededRandom(`gauges ${timeZone}`);
  const entries = generated(random, timeZone);
  let ledger: TestLedger;
  beforeAll(async () => {
    ledger = await openTestLedger({ timeZone });
    await ledger.writer.append({ entries, receivedMs: LAST });
  });
  afterAll(() => ledger.destroy());

  const filters = (dimensions: readonly Own[]): Filter[] =>
    dimensions
      .filter(() => random.chance(0.35))
      .map((dimension) => {
        const values = [...new Set(entries.map((entry) => stored(entry, dimension)))];
        return { dimension, values: [...new Set([random.pick(values), random.pick(values)])] };
      });

  test.each(NAMES.filter((name) => name !== 'forecast'))('%s is what its help says, of all that is chosen and of its parts', async (name) => {
    for (let index = 0; index < CASES; index++) {
      // Of sessions only the owner is one.
      const dimensions: Own[] = [
        'organization',
        'team',
        'user',
        'workspace',
        ...(name === 'background_cost_per_session' ? [] : (['model'] as const)),
      ];
      const where = index === 0 ? [] : filters(dimensions);
      const nowMs = LAST + random.below((name in USERS ? 20 : 3) * 24 * 60) * MINUTE;
      const samples = await GAUGE_READERS[name].read(contextOf(ledger, { nowMs, timeZone, where }));
      const right = expected(name, { entries, nowMs, timeZone, where });
      const shown = samples.map(({ labels: [organization, team, rest = ''], value }) => [`${organization},${team},${rest}`, value] as const);
      const wanted = [...right].map(([key, value]) => [key, value] as const);
      const byKey = ([a]: readonly [string, number], [b]: readonly [string, number]): number => (a < b ? -1 : 1);
      const nearly = wanted.sort(byKey).map(([key, value]) => [key, expect.closeTo(value, 9)]);
      expect([where, nowMs, shown.sort(byKey)]).toEqual([where, nowMs, nearly]);
    }
  });
});
