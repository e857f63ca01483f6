/** What an identity provider sent over SCIM, as facts of a feed: from when it came until it was taken back. */
import { type Alias, type FeedFacts, type Membership, overlapOf, type Span, type TeamEntry, type UserFacts } from './facts.ts';
import { type GroupTeams, teamOfGroup } from './group-teams.ts';
import { anyCase } from './names.ts';
import type { Fact, ReceivedFact } from './store.ts';
import { usersOnly } from './users-only.ts';

interface Scim {
  readonly users: ReadonlyMap<string, readonly ReceivedFact[]>;
  readonly groups: ReadonlyMap<string, readonly ReceivedFact[]>;
  readonly groupTeams: GroupTeams | undefined;
}

export function factsOfScim(feed: string, received: readonly ReceivedFact[], groupTeams: GroupTeams | undefined): FeedFacts {
  const byKind = Map.groupBy(received, ({ kind }) => kind);
  const byId = (kind: 'User' | 'Group') => Map.groupBy(byKind.get(kind) ?? [], ({ id }) => id);
  const scim: Scim = { users: byId('User'), groups: byId('Group'), groupTeams };
  const memberships = Map.groupBy(teamSpans(scim), ({ member }) => member);
  const shared = sharedNames(scim);
  const users = [...scim.users].map(([id, facts]) => userOf(facts, memberships.get(id) ?? [], shared));
  return usersOnly(feed, merged(users), nestedTeams(scim));
}

interface TeamSpan extends Span {
  readonly member: string;
  readonly team: string;
}

/** A group is a team while it is called so: a member is in it as long as both hold. */
function teamSpans({ groups, groupTeams }: Scim): TeamSpan[] {
  return [...groups.values()].flatMap((facts) => {
    const titles = titlesOf(facts, groupTeams);
    return named(facts, 'member').flatMap((fact) =>
      titles.flatMap(({ team, ...title }) => {
        const span = overlapOf(fact, title);
        return span === undefined ? [] : [{ ...span, member: fact.value, team }];
      }),
    );
  });
}

const titlesOf = (facts: readonly ReceivedFact[], groupTeams: GroupTeams | undefined) =>
  named(facts, 'title').flatMap(({ value, fromMs, toMs }) => {
    const team = teamOfGroup(value, groupTeams);
    return team === undefined ? [] : [{ team, fromMs, toMs }];
  });

/** A group within another is a team below it. */
function nestedTeams(scim: Scim) {
  const entries = new Map<string, TeamEntry[]>();
  for (const { member, team: parent, ...span } of teamSpans(scim)) {
    for (const { team, ...title } of titlesOf(scim.groups.get(member) ?? [], scim.groupTeams)) {
      const both = overlapOf(span, title);
      if (both !== undefined) entries.getOrInsertComputed(team, () => []).push({ ...both, parent });
    }
  }
  return [...entries].map(([team, list]) => ({ team, entries: list }));
}

const named = (facts: readonly ReceivedFact[], name: Fact['fact']): readonly ReceivedFact[] => facts.filter(({ fact }) => fact === name);

/** As it is now, or was at last. */
const newest = (facts: readonly ReceivedFact[], name: Fact['fact']): string | undefined =>
  named(facts, name).reduce<ReceivedFact | undefined>((last, one) => (last === undefined || one.toMs >= last.toMs ? one : last), undefined)?.value;

/** Addresses of several users who are there at one time. */
function sharedNames({ users }: Scim): ReadonlySet<string> {
  const holders = new Map<string, Set<readonly ReceivedFact[]>>();
  for (const facts of users.values()) {
    for (const name of [newest(facts, 'email'), newest(facts, 'login')])
      if (name !== undefined) holders.getOrInsertComputed(anyCase(name), () => new Set()).add(facts);
  }
  return new Set([...holders].flatMap(([name, several]) => (areAtOneTime([...several]) ? [name] : [])));
}

/** A user has one login at a time: times that overlap are those of two. */
function areAtOneTime(users: readonly (readonly ReceivedFact[])[]): boolean {
  if (users.length < 2) return false;
  const times = users.flatMap((facts) => named(facts, 'login')).sort((left, right) => left.fromMs - right.fromMs);
  return times.some(({ fromMs }, index) => fromMs < (times[index - 1]?.toMs ?? Number.NEGATIVE_INFINITY));
}

/** Called by the address, since clients send addresses; by the login where there is none, or others have it at the same time. */
function userOf(facts: readonly ReceivedFact[], teams: readonly TeamSpan[], shared: ReadonlySet<string>): UserFacts {
  const [address, login] = [newest(facts, 'email'), newest(facts, 'login')];
  const user = (address !== undefined && shared.has(anyCase(address)) ? login : (address ?? login)) ?? '';
  const aliases: Alias[] = facts
    .filter(({ fact, value }) => (fact === 'login' || fact === 'email' || fact === 'name') && anyCase(value) !== anyCase(user))
    .map(({ value, fromMs, toMs }) => ({ name: value, fromMs, toMs }));
  const memberships: Membership[] = [
    ...teams.map(({ team, fromMs, toMs }) => ({ placement: { team }, fromMs, toMs })),
    ...named(facts, 'department').map(({ value, fromMs, toMs }) => ({ placement: { department: value }, fromMs, toMs })),
    ...named(facts, 'cost_center').map(({ value, fromMs, toMs }) => ({ placement: { cost_center: value }, fromMs, toMs })),
  ];
  return { user, displayName: newest(facts, 'display'), aliases, memberships };
}

/** A user who was removed and came again is one: two who are there at one time are called differently. */
function merged(users: readonly UserFacts[]): readonly UserFacts[] {
  return [...Map.groupBy(users, ({ user }) => anyCase(user)).values()].flatMap((same) => {
    const last = same.at(-1);
    if (last === undefined || last.user === '') return [];
    return [{ ...last, aliases: same.flatMap(({ aliases }) => aliases), memberships: same.flatMap(({ memberships }) => memberships) }];
  });
}
