/** Who belongs where, and since when: several feeds as one directory. docs/directory.md says how they are read. */
import { atOnce, eachOf } from '../core/turn.ts';
import { type FeedFacts, holdsAt, type Membership, type Span } from './facts.ts';
import { type KnownUser, UserNames } from './names.ts';
import { type Owner, ownerOf } from './owner.ts';
import { PLACEMENT_FIELDS, type Placement, type PlacementField, statedOf } from './placement.ts';
import { type Match, RULE_NAMES, type RuleName, Rules } from './rules.ts';
import { TeamTree } from './team-tree.ts';

/** What a feed says at a time of one user. */
export interface FeedPlacement {
  readonly feed: string;
  /** As the feed calls the user. */
  readonly user: string;
  readonly displayName?: string | undefined;
  readonly memberships: readonly Membership[];
  /** Undefined where it names no team. */
  readonly owner: Owner | undefined;
  readonly placement: Placement;
}

/** Of one user at one time. */
export interface UserPlacement {
  readonly user: string;
  readonly placement: Placement;
  /** Which feed said what. */
  readonly from: Readonly<Partial<Record<PlacementField, string>>>;
  /** Of the feed that said the team. */
  readonly owner: Owner | undefined;
  /** Every feed that knows the user, the first feed first. */
  readonly feeds: readonly FeedPlacement[];
}

export interface Directory {
  /** The user that a name stands for; the name itself where it is nobody's alias. */
  canonical(name: string, timeMs: number): string;
  /** How the name leads to it. */
  aliasSteps: UserNames['steps'];
  /** Every name of a user at any time, its own among them. */
  everyName(user: string): readonly string[];
  /** Whom a name stands for, over all times. */
  nameSpans: UserNames['spans'];
  /** Undefined when no feed knows the canonical user at that time. */
  placed(user: string, timeMs: number): UserPlacement | undefined;
  /** Where a user belongs at a time; undefined when nobody said. */
  person(user: string, timeMs: number): Placement | undefined;
  /** Where a repository belongs: the exact name first, then the longest pattern that matches, of those that hold. */
  repository(repository: string, timeMs: number): Placement | undefined;
  workspace(workspace: string, timeMs: number): Placement | undefined;
  /** By the name of the token that a record came with. */
  token(name: string, timeMs: number): Placement | undefined;
  /** By the domain of a user's address. */
  domain(user: string, timeMs: number): Placement | undefined;
  readonly rules: Readonly<Record<RuleName, Rules>>;
  readonly teams: TeamTree;
  /** The first decides. */
  readonly feeds: readonly FeedFacts[];
  /** Everybody and every placement that it has, at any time. */
  readonly names: { readonly people: readonly string[]; readonly placements: readonly Placement[] };
  /** The longest time around an instant in which no fact of the directory changes: fromMs inclusive, toMs exclusive. */
  steadyAround(timeMs: number): Span;
}

export interface DirectoryOptions {
  /** The first decides. */
  readonly feeds: readonly FeedFacts[];
  /** Teams in the order in which they own what a user of several spends. */
  readonly teamPriority?: readonly string[];
}

export const createDirectory = (options: DirectoryOptions = { feeds: [] }): Directory => atOnce(directoryInSteps(options));

export function* directoryInSteps({ feeds, teamPriority = [] }: DirectoryOptions): Generator<void, Directory> {
  const names = yield* UserNames.of(feeds);
  const teams = new TeamTree(feeds);
  const rules = rulesOf(feeds);
  const changes = yield* collectChanges(feeds, rules);
  const ruled = (name: RuleName, key: string, timeMs: number): Match | undefined => rules[name].find(key, timeMs);
  const placed: Directory['placed'] = (user, timeMs) => {
    const known = names.of(user, timeMs);
    const depthOf = (team: string): number => teams.path(team, timeMs).length;
    return known.length === 0 ? undefined : placementOf(user, known, timeMs, { priority: teamPriority, depthOf });
  };
  return {
    canonical: (name, timeMs) => names.canonical(name, timeMs),
    aliasSteps: (name, timeMs) => names.steps(name, timeMs),
    everyName: (user) => names.everyName(user),
    nameSpans: (name) => names.spans(name),
    placed,
    person: (user, timeMs) => {
      const found = placed(user, timeMs);
      return found === undefined || found.feeds.every(({ memberships }) => memberships.length === 0) ? undefined : found.placement;
    },
    repository: (repository, timeMs) => ruled('repositories', repository, timeMs)?.placement,
    workspace: (workspace, timeMs) => ruled('workspaces', workspace, timeMs)?.placement,
    token: (name, timeMs) => ruled('tokens', name, timeMs)?.placement,
    domain: (user, timeMs) => {
      const domain = domainOf(user);
      return domain === undefined ? undefined : ruled('domains', domain, timeMs)?.placement;
    },
    ...{ rules, teams, feeds },
    names: {
      people: feeds.flatMap(({ users }) => users.map(({ user }) => user)),
      placements: feeds.flatMap(placementsIn),
    },
    steadyAround: (timeMs) => steadyIn(changes, timeMs),
  };
}

/** Undefined where it is no address. */
function domainOf(user: string): string | undefined {
  const at = user.lastIndexOf('@');
  return at < 0 || at === user.length - 1 ? undefined : user.slice(at + 1);
}

const rulesOf = (feeds: readonly FeedFacts[]): Record<RuleName, Rules> => ({
  repositories: new Rules('repositories', feeds),
  workspaces: new Rules('workspaces', feeds),
  tokens: new Rules('tokens', feeds),
  domains: new Rules('domains', feeds),
});

type Priority = Parameters<typeof ownerOf>[1];

/** Of each field what the first feed says. */
function placementOf(user: string, known: readonly KnownUser[], timeMs: number, priority: Priority): UserPlacement {
  const feeds = known.map((one) => feedPlacement(one, timeMs, priority));
  const placement: { -readonly [Field in PlacementField]?: string } = {};
  const from: { -readonly [Field in PlacementField]?: string } = {};
  for (const { feed, placement: said } of feeds) {
    for (const field of PLACEMENT_FIELDS) {
      const value = said[field];
      if (value === undefined || placement[field] !== undefined) continue;
      placement[field] = value;
      from[field] = feed;
    }
  }
  return { user, placement, from, owner: feeds.find(({ owner }) => owner !== undefined)?.owner, feeds };
}

/** What the owning team's membership says, then those that name no team. What belongs to another team is not this one's. */
function feedPlacement({ feed, facts }: KnownUser, timeMs: number, priority: Priority): FeedPlacement {
  const memberships = facts.memberships.filter((one) => holdsAt(one, timeMs));
  const owner = ownerOf(
    memberships.flatMap(({ placement }) => placement.team ?? []),
    priority,
  );
  const own = memberships.filter(({ placement }) => placement.team !== undefined && placement.team === owner?.team);
  const rest = memberships.filter(({ placement }) => placement.team === undefined);
  // The last of these wins.
  const placement: Placement = Object.assign({}, ...[...own, ...rest].reverse().map((one) => statedOf(one.placement)));
  return { feed, user: facts.user, displayName: facts.displayName, memberships, owner, placement };
}

const placementsIn = ({ users, teams, ...rules }: FeedFacts): readonly Placement[] => [
  ...users.flatMap(({ memberships }) => memberships.map(({ placement }) => placement)),
  ...teams.flatMap(({ team, entries }) => entries.map(({ cost_center, department }) => ({ team, cost_center, department }))),
  ...RULE_NAMES.flatMap((name) => rules[name].flatMap(({ memberships }) => memberships.map(({ placement }) => placement))),
];

function* collectChanges(feeds: readonly FeedFacts[], rules: Readonly<Record<RuleName, Rules>>): Generator<void, ArrayLike<number>> {
  const edges = new Set<number>();
  const add = (spans: readonly Span[]): void => {
    for (const { fromMs, toMs } of spans) for (const edge of [fromMs, toMs]) if (Number.isFinite(edge)) edges.add(edge);
  };
  for (const name of RULE_NAMES) add(rules[name].spans);
  for (const { users, teams } of feeds) {
    yield* eachOf(users, ({ memberships, aliases }) => [memberships, aliases].forEach(add));
    for (const { entries } of teams) add(entries);
  }
  // Of numbers alone, which sorts fast.
  return Float64Array.from(edges).sort();
}

/** `changes` in order. */
function steadyIn(changes: ArrayLike<number>, timeMs: number): Span {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((changes[middle] ?? 0) <= timeMs) low = middle + 1;
    else high = middle;
  }
  return { fromMs: changes[low - 1] ?? Number.NEGATIVE_INFINITY, toMs: changes[low] ?? Number.POSITIVE_INFINITY };
}
