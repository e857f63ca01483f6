/**
 * Every gauge of a selection as a plain computation over the raw entries, from what its help says of it. No code of the gauges is used.
 */
import type { GaugeName } from '../../../collector/catalog/gauges.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { type Asked, cost, DAY, dayOf, isChosen, isThisMonth, MINUTE, stored } from './asked.ts';

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

const OF_ENTRIES: Readonly<Partial<Record<GaugeName, Oracle>>> = {
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
export const USERS: Readonly<Partial<Record<GaugeName, Oracle>>> = {
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
export function expectedOf(name: GaugeName, asked: Asked): Map<string, number> {
  const isAble = asked.where.every(({ dimension }) => NARROWED[name]?.includes(dimension) ?? true);
  const oracle = USERS[name] ?? OF_ENTRIES[name];
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

export const SELECTION_ORACLES: readonly string[] = [...Object.keys(OF_ENTRIES), ...Object.keys(USERS)];
