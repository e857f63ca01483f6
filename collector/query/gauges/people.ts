/** Who uses Claude Code: active, new and lapsed people, and when each was seen. */

import type { GaugeName } from '../../catalog/gauges.ts';
import { DAY_MS, MINUTE_MS } from '../../core/duration.ts';
import { framedKey } from '../../core/framed.ts';
import type { Person } from '../../ledger/ledger.ts';
import { type GaugeContext, type GaugeReading, type GaugeSample, isWithin, oncePerContext, shownLabels } from './gauge.ts';
import { selectionsOf } from './selections.ts';

const TEAM = ['organization', 'team'] as const;
const PERSON = ['organization', 'team', 'user'] as const;
const WINDOW_DAYS = { day: 1, week: 7, month: 30 } as const;
const MONTH_DAYS = WINDOW_DAYS.month;

/**
 * Each person once for an organization, in the team last seen in: who changes teams is neither new there nor counted twice, so that the
 * sum over teams is the number of people.
 */
const allPeople = oncePerContext(async ({ reader }): Promise<readonly Person[]> => {
  const merged = new Map<string, Person>();
  for (const row of await reader.people()) {
    const key = `${row.organization}\u001f${row.user}`;
    const known = merged.get(key);
    if (known === undefined) merged.set(key, row);
    else merged.set(key, { ...latest(known, row), firstSeenMs: Math.min(known.firstSeenMs, row.firstSeenMs) });
  }
  return [...merged.values()];
});

const latest = (a: Person, b: Person): Person => (b.lastSeenMs > a.lastSeenMs ? b : a);

const peopleOf = ({ where, ...context }: GaugeContext, all: readonly Person[]): readonly Person[] =>
  all.filter(
    (person) => isWithin(where, { organization: person.organization, team: person.team, user: person.user }) && person.firstSeenMs <= context.nowMs,
  );

/** Known people within what the reader chose. Records without a user are nobody in particular. */
const knownPeople = async (context: GaugeContext): Promise<readonly Person[]> =>
  peopleOf(context, await allPeople(context)).filter(({ user }) => user !== '');

/** The ledger knows the minute; a minute that began within the time range counts whole. */
const daysAgo = (nowMs: number, days: number): number => Math.floor((nowMs - days * DAY_MS) / MINUTE_MS) * MINUTE_MS;

/** How many people were active in the last 30 days. */
export async function activePeople(context: GaugeContext): Promise<number> {
  const sinceMs = daysAgo(context.nowMs, MONTH_DAYS);
  return (await knownPeople(context)).filter(({ lastSeenMs }) => lastSeenMs >= sinceMs).length;
}

/** One sample for each team that has anybody, also when it counts none of them: that nobody came is known. */
function countByTeam(people: readonly Person[], isCounted: (person: Person) => boolean, extra: readonly string[] = []): GaugeSample[] {
  const teams = Map.groupBy(people, (person) => framedKey(shownLabels(TEAM, person)));
  return [...teams.values()].flatMap((members) =>
    members.slice(0, 1).map((first) => ({ labels: [...shownLabels(TEAM, first), ...extra], value: members.filter(isCounted).length })),
  );
}

/** Of those who came in the last 30 days, how many came in the last day. Teams from which nobody came have no ratio. */
async function stickiness(context: GaugeContext): Promise<GaugeSample[]> {
  const people = await knownPeople(context);
  const came = (days: number) => {
    const sinceMs = daysAgo(context.nowMs, days);
    return ({ lastSeenMs }: Person): boolean => lastSeenMs >= sinceMs;
  };
  const inDay = came(WINDOW_DAYS.day);
  return selectionsOf(people.filter(came(WINDOW_DAYS.month))).map(({ labels, items }) => ({
    labels,
    value: items.filter(inDay).length / items.length,
  }));
}

const seconds = (ms: number): number => ms / 1000;

export const PEOPLE_READINGS = {
  active_users: {
    maxAgeMs: MINUTE_MS,
    async read(context) {
      const people = await knownPeople(context);
      return Object.entries(WINDOW_DAYS).flatMap(([window, days]) => {
        const sinceMs = daysAgo(context.nowMs, days);
        return countByTeam(people, ({ lastSeenMs }) => lastSeenMs >= sinceMs, [window]);
      });
    },
  },
  new_users: {
    maxAgeMs: MINUTE_MS,
    async read(context) {
      const sinceMs = daysAgo(context.nowMs, MONTH_DAYS);
      return countByTeam(await knownPeople(context), ({ firstSeenMs }) => firstSeenMs >= sinceMs);
    },
  },
  lapsed_users: {
    maxAgeMs: MINUTE_MS,
    async read(context) {
      const sinceMs = daysAgo(context.nowMs, MONTH_DAYS);
      return countByTeam(await knownPeople(context), ({ lastSeenMs }) => lastSeenMs < sinceMs);
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
