/** What the directory says twice, in vain, or of nobody. */
import type { Config } from '../../config/config.ts';
import type { Directory } from '../../directory/directory.ts';
import type { RuleFacts } from '../../directory/facts.ts';
import { anyCase } from '../../directory/names.ts';
import type { OwnerReason } from '../../directory/owner.ts';
import { PLACEMENT_FIELDS, type PlacementField } from '../../directory/placement.ts';
import { RULE_NAMES, type RuleName, Rules } from '../../directory/rules.ts';
import type { KnownUsers } from './known-users.ts';

export interface Overlap {
  readonly user: string;
  readonly team: string;
  readonly reason: OwnerReason;
  readonly others: readonly string[];
}

export interface Conflict {
  readonly user: string;
  readonly field: PlacementField;
  /** The first decides. */
  readonly values: readonly { readonly feed: string; readonly value: string }[];
}

export interface DeadRule {
  readonly feed: string;
  readonly section: RuleName | 'team_priority';
  readonly pattern: string;
}

/** Users of several teams at this time, with the one that owns. */
export function overlapsAt(known: KnownUsers, timeMs: number): readonly Overlap[] {
  return known.usersAt(timeMs).flatMap((user) => {
    const owner = known.directory.placed(user, timeMs)?.owner;
    return owner === undefined || owner.others.length === 0 ? [] : [{ user, ...owner }];
  });
}

/** Users of whom two feeds say different things at this time. */
export function conflictsAt(known: KnownUsers, timeMs: number): readonly Conflict[] {
  return known.usersAt(timeMs).flatMap((user) => {
    const feeds = known.directory.placed(user, timeMs)?.feeds ?? [];
    return PLACEMENT_FIELDS.flatMap((field): Conflict[] => {
      const values = feeds.flatMap(({ feed, placement }) => {
        const value = placement[field];
        return value === undefined ? [] : [{ feed, value }];
      });
      return new Set(values.map(({ value }) => anyCase(value))).size < 2 ? [] : [{ user, field, values }];
    });
  });
}

/** What the ledger knows of each kind of rule: names that rules are held against. */
export type SeenNames = Readonly<Record<RuleName, readonly string[]>>;

/** Rules that find nothing of what the ledger has, at any time. */
export function deadRules(directory: Directory, seen: SeenNames, teamPriority: readonly string[]): readonly DeadRule[] {
  const rules = directory.feeds.flatMap((facts) =>
    RULE_NAMES.flatMap((section) =>
      facts[section].flatMap((rule) => (isDead(rule, section, seen) ? [{ feed: facts.feed, section, pattern: rule.pattern }] : [])),
    ),
  );
  const teams = new Set(directory.names.placements.flatMap(({ team }) => (team === undefined ? [] : [anyCase(team)])));
  const priority = teamPriority.filter((team) => !teams.has(anyCase(team)));
  return [...rules, ...priority.map((pattern): DeadRule => ({ feed: 'configuration', section: 'team_priority', pattern }))];
}

function isDead(rule: RuleFacts, section: RuleName, seen: SeenNames): boolean {
  const always = { ...rule, memberships: [{ fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY, placement: {} }] };
  const facts = { feed: '', users: [], teams: [], repositories: [], workspaces: [], tokens: [], domains: [], [section]: [always] };
  const one = new Rules(section, [facts]);
  return !seen[section].some((name) => one.find(name, 0) !== undefined);
}

/** Tokens that send, name neither team nor user nor job, and for which no rule finds a team. */
export function tokensWithoutTeam({ auth }: Pick<Config, 'auth'>, directory: Directory, timeMs: number): readonly string[] {
  return [...auth.tokens, ...auth.certificates]
    .filter(({ role, team, user, job }) => (role === 'ingest' || role === 'admin') && team === undefined && user === undefined && job === undefined)
    .map(({ name }) => name)
    .filter((name) => directory.token(name, timeMs)?.team === undefined);
}
