/** Who uses Claude Code: active, new and lapsed people, and when each was seen. */

import type { GaugeName } from '../../catalog/gauges.ts';
import { DAY_MS, MINUTE_MS } from '../../core/duration.ts';
import { framedKey } from '../../core/framed.ts';
import type { Person } from '../../ledger/ledger.ts';
import { type GaugeContext, type GaugeReading, type GaugeSample, isWithin, oncePerContext, shownLabels } from './gauge.ts';
import { selectionsOf } from './selections.ts';

const PERSON = ['organization', 'team', 'user'] as const;
const WINDOW_DAYS = { day: 1, week: 7, month: 30 } as const;
const MONTH_DAYS = WINDOW_DAYS.month;

/**
 * Each person once for an organization, in the team last seen in: who changes teams is neither new there nor counted twice, so that the
 * sum over the teams of an organization is the number of its people.
 */
const allPeople = oncePerContext(async ({ reader }): Promise<readonly Person[]> => {
  const merged = new Map<string, Person>();
  for (const row of await reader.people()) {
    const key = framedKey([row.organization, row.user]);
    const known = merged.get(key);
    merged.set(key, known === undefined ? row : together(known, row));
  }
  return [...merged.values()];
});

/** Where they were last seen, since they were first seen anywhere. */
const together = (a: Person, b: Person): Person => ({
  ...(b.lastSeenMs > a.lastSeenMs ? b : a),
  firstSeenMs: Math.min(a.firstSeenMs, b.firstSeenMs),
});

const peopleOf = ({ where, ...context }: GaugeContext, all: readonly Person[]): readonly Person[] =>
  all.filter(
    (person) => isWithin(where, { organization: person.organization, team: person.team, user: person.user }) && person.firstSeenMs <= context.nowMs,
  );

/** Known people within what the reader chose. Records without a user are nobody in particular. */
const knownPeople = async (context: GaugeContext): Promise<readonly Person[]> =>
  peopleOf(context, await allPeople(context)).filter(({ user }) => user !== '');

/** The ledger knows the minute; a minute that began within the time range counts whole. */
const daysAgo = (nowMs: number, days: number): number => Math.floor((nowMs - days * DAY_MS) / MINUTE_MS) * MINUTE_MS;

/** Each user of a selection once: who works in two organizations is one user of both together. */
const usersOf = (people: readonly Person[]): Person[] =>
  [...Map.groupBy(people, ({ user }) => user).values()].flatMap(([first, ...more]) =>
    first === undefined ? [] : [more.reduce((one, other) => together(one, other), first)],
  );

/** How many people were active in the last 30 days. */
export async function activePeople(context: GaugeContext): Promise<number> {
  return usersOf(await knownPeople(context)).filter(cameSince(context, MONTH_DAYS)).length;
}

const cameSince = ({ nowMs }: GaugeContext, days: number) => {
  const sinceMs = daysAgo(nowMs, days);
  return ({ lastSeenMs }: Person): boolean => lastSeenMs >= sinceMs;
};

/** One sample for each selection that has anybody, also when it counts none of them: that nobody came is known. */
const counts = (people: readonly Person[], isCounted: (person: Person) => boolean, extra: readonly string[] = []): GaugeSample[] =>
  selectionsOf(people).map(({ labels, items }) => ({ labels: [...labels, ...extra], value: usersOf(items).filter(isCounted).length }));

/** Of those who came in the last 30 days, how many came in the last day. Teams from which nobody came have no ratio. */
async function stickiness(context: GaugeContext): Promise<GaugeSample[]> {
  const people = await knownPeople(context);
  return selectionsOf(people.filter(cameSince(context, MONTH_DAYS))).map(({ labels, items }) => {
    const users = usersOf(items);
    return { labels, value: users.filter(cameSince(context, WINDOW_DAYS.day)).length / users.length };
  });
}

const seconds = (ms: number): number => ms / 1000;

export const PEOPLE_READINGS = {
  active_users: {
    maxAgeMs: MINUTE_MS,
    async read(context) {
      const people = await knownPeople(context);
      return Object.entries(WINDOW_DAYS).flatMap(([window, days]) => counts(people, cameSince(context, days), [window]));
    },
  },
  new_users: {
    maxAgeMs: MINUTE_MS,
    async read(context) {
      const sinceMs = daysAgo(context.nowMs, MONTH_DAYS);
      return counts(await knownPeople(context), ({ firstSeenMs }) => firstSeenMs >= sinceMs);
    },
  },
  lapsed_users: {
    maxAgeMs: MINUTE_MS,
    async read(context) {
      const isActive = cameSince(context, MONTH_DAYS);
      return counts(await knownPeople(context), (person) => !isActive(person));
    },
  },
  stickiness: {
    maxAgeMs: MINUTE_MS,
    read: stickiness,
  },
  user_last_seen: {
    maxAgeMs: MINUTE_MS,
    async read(context) {
      const people = peopleOf(context, await allPeople(context));
      return people.map((person) => ({ labels: shownLabels(PERSON, person), value: seconds(person.lastSeenMs) }));
    },
  },
  user_first_seen: {
    maxAgeMs: MINUTE_MS,
    async read(context) {
      const sinceMs = daysAgo(context.nowMs, MONTH_DAYS);
      const people = (await knownPeople(context)).filter(({ firstSeenMs }) => firstSeenMs >= sinceMs);
      return people.map((person) => ({ labels: shownLabels(PERSON, person), value: seconds(person.firstSeenMs) }));
    },
  },
} satisfies Partial<Record<GaugeName, GaugeReading>>;
