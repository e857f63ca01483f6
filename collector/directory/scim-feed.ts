/** What an identity provider sent over SCIM, as facts of a feed: from when it came until it was taken back. */
import { eachOf } from '../core/turn.ts';
import { type Alias, type FeedFacts, type Membership, overlapOf, type Span, type TeamEntry, type TeamFacts, type UserFacts } from './facts.ts';
import { type GroupTeams, type TeamOfGroup, teamsOfGroups } from './group-teams.ts';
import { anyCase } from './names.ts';
import type { Fact, ReceivedFact, ScimKind } from './store.ts';
import { usersOnlyInSteps } from './users-only.ts';

interface Scim {
  readonly users: ReadonlyMap<string, readonly ReceivedFact[]>;
  readonly groups: ReadonlyMap<string, readonly ReceivedFact[]>;
  readonly teamOfGroup: TeamOfGroup;
}

export function* factsOfScim(feed: string, received: readonly ReceivedFact[], groupTeams: GroupTeams | undefined): Generator<void, FeedFacts> {
  const scim: Scim = { users: yield* byId(received, 'User'), groups: yield* byId(received, 'Group'), teamOfGroup: teamsOfGroups(groupTeams) };
  const spans = yield* teamSpans(scim);
  const memberships = new Map<string, TeamSpan[]>();
  yield* eachOf(spans, (span) => memberships.getOrInsertComputed(span.member, () => []).push(span));
  const shared = yield* sharedNames(scim);
  const users: UserFacts[] = [];
  yield* eachOf(scim.users, ([id, facts]) => users.push(userOf(facts, memberships.get(id) ?? [], shared)));
  return yield* usersOnlyInSteps(feed, yield* merged(users), yield* nestedTeams(scim, spans));
}

function* byId(received: readonly ReceivedFact[], kind: ScimKind): Generator<void, Scim['users']> {
  const all = new Map<string, ReceivedFact[]>();
  yield* eachOf(received, (fact) => {
    if (fact.kind === kind) all.getOrInsertComputed(fact.id, () => []).push(fact);
  });
  return all;
}

interface TeamSpan extends Span {
  readonly member: string;
  readonly team: string;
}

/** A group is a team while it is called so: a member is in it as long as both hold. */
function* teamSpans({ groups, teamOfGroup }: Scim): Generator<void, readonly TeamSpan[]> {
  const spans: TeamSpan[] = [];
  for (const facts of groups.values()) {
    const titles = titlesOf(facts, teamOfGroup);
    yield* eachOf(named(facts, 'member'), (fact) => {
      for (const { team, ...title } of titles) {
        const span = overlapOf(fact, title);
        if (span !== undefined) spans.push({ ...span, member: fact.value, team });
      }
    });
  }
  return spans;
}

const titlesOf = (facts: readonly ReceivedFact[], teamOfGroup: TeamOfGroup) =>
  named(facts, 'title').flatMap(({ value, fromMs, toMs }) => {
    const team = teamOfGroup(value);
    return team === undefined ? [] : [{ team, fromMs, toMs }];
  });

/** A group within another is a team below it. */
function* nestedTeams({ groups, teamOfGroup }: Scim, spans: readonly TeamSpan[]): Generator<void, readonly TeamFacts[]> {
  const entries = new Map<string, TeamEntry[]>();
  yield* eachOf(spans, ({ member, team: parent, ...span }) => {
    for (const { team, ...title } of titlesOf(groups.get(member) ?? [], teamOfGroup)) {
      const both = overlapOf(span, title);
      if (both !== undefined) entries.getOrInsertComputed(team, () => []).push({ ...both, parent });
    }
  });
  return [...entries].map(([team, list]) => ({ team, entries: list }));
}

const named = (facts: readonly ReceivedFact[], name: Fact['fact']): readonly ReceivedFact[] => facts.filter(({ fact }) => fact === name);

/** As it is now, or was at last. */
const newest = (facts: readonly ReceivedFact[], name: Fact['fact']): string | undefined =>
  named(facts, name).reduce<ReceivedFact | undefined>((last, one) => (last === undefined || one.toMs >= last.toMs ? one : last), undefined)?.value;

/** Addresses of several users who are there at one time. */
function* sharedNames({ users }: Scim): Generator<void, ReadonlySet<string>> {
  const holders = new Map<string, Set<readonly ReceivedFact[]>>();
  yield* eachOf(users.values(), (facts) => {
    for (const name of [newest(facts, 'email'), newest(facts, 'login')])
      if (name !== undefined) holders.getOrInsertComputed(anyCase(name), () => new Set()).add(facts);
  });
  const shared = new Set<string>();
  yield* eachOf(holders, ([name, several]) => (areAtOneTime([...several]) ? shared.add(name) : undefined));
  return shared;
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
function* merged(users: readonly UserFacts[]): Generator<void, readonly UserFacts[]> {
  const byName = new Map<string, UserFacts[]>();
  yield* eachOf(users, (one) => byName.getOrInsertComputed(anyCase(one.user), () => []).push(one));
  const all: UserFacts[] = [];
  yield* eachOf(byName.values(), (same) => {
    const last = same.at(-1);
    if (last === undefined || last.user === '') return;
    all.push({ ...last, aliases: same.flatMap(({ aliases }) => aliases), memberships: same.flatMap(({ memberships }) => memberships) });
  });
  return all;
}
