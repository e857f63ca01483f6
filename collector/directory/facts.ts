/**
 * What feeds say of users, teams, workspaces and rules, and from when to when: one shape, whichever form it came in. A feed is a file or SCIM;
 * several are one directory (directory.ts).
 */
import type { Placement } from './placement.ts';

/** Epoch milliseconds, from inclusive and to exclusive. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export const ALWAYS: Span = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

export const holdsAt = ({ fromMs, toMs }: Span, timeMs: number): boolean => fromMs <= timeMs && timeMs < toMs;

/** The time that both have; undefined where there is none. */
export function overlapOf(one: Span, other: Span): Span | undefined {
  const span = { fromMs: Math.max(one.fromMs, other.fromMs), toMs: Math.min(one.toMs, other.toMs) };
  return span.fromMs < span.toMs ? span : undefined;
}

/** One thing that held for a time: where somebody or something belongs. */
export interface Membership extends Span {
  readonly placement: Placement;
}

/** Another name under which a user sends: an address, an account's id, the id at a gateway, the principal of a cloud. */
export interface Alias extends Span {
  readonly name: string;
}

export interface UserFacts {
  readonly user: string;
  /** What people call the user. */
  readonly displayName?: string | undefined;
  readonly aliases: readonly Alias[];
  /** Several may hold at a time. */
  readonly memberships: readonly Membership[];
}

/** Where all belongs that matches: at most one membership holds at a time. */
export interface RuleFacts {
  /** `*` matches any characters. */
  readonly pattern: string;
  readonly memberships: readonly Membership[];
}

export interface TeamEntry extends Span {
  readonly parent?: string | undefined;
  readonly cost_center?: string | undefined;
  readonly department?: string | undefined;
}

export interface TeamFacts {
  readonly team: string;
  readonly entries: readonly TeamEntry[];
}

export interface FeedFacts {
  /** Name of the feed. */
  readonly feed: string;
  /** Only says where names lead: of the user that they lead to, another feed may know more names. */
  readonly isMerges?: boolean;
  readonly users: readonly UserFacts[];
  readonly teams: readonly TeamFacts[];
  /** By what is asked of them: the name of a repository, of a workspace, of a token, the domain of an address. */
  readonly repositories: readonly RuleFacts[];
  readonly workspaces: readonly RuleFacts[];
  readonly tokens: readonly RuleFacts[];
  readonly domains: readonly RuleFacts[];
}
