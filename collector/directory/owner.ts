/** Which of several teams owns what a user spends, where groups overlap: one alone, so that nothing is charged twice. */
import { anyCase } from './names.ts';

/** Why it is this one: there is no other; the configured order; it lies deepest in the tree of teams; by name, where nothing else decides. */
export type OwnerReason = 'only' | 'priority' | 'most_specific' | 'name';

export interface Owner {
  readonly team: string;
  readonly reason: OwnerReason;
  /** The other teams of the user, by name. */
  readonly others: readonly string[];
}

export interface OwnerRules {
  /** Teams in the order in which they own; those that are not named come after them. */
  readonly priority: readonly string[];
  readonly depthOf: (team: string) => number;
}

/** Undefined where there is no team. Does not depend on the order of `teams`. */
export function ownerOf(teams: readonly string[], { priority, depthOf }: OwnerRules): Owner | undefined {
  const [only, ...more] = teams;
  // Most users have one, and each new sender asks.
  if (only === undefined || more.length === 0) return only === undefined ? undefined : { team: only, reason: 'only', others: [] };
  const ranks = new Map(priority.map((team, index) => [anyCase(team), index]));
  const rankOf = (team: string): number => ranks.get(anyCase(team)) ?? priority.length;
  const unique = [...new Map(teams.toSorted(byName).map((team) => [anyCase(team), team])).values()];
  const [first, second] = unique.toSorted((one, other) => rankOf(one) - rankOf(other) || depthOf(other) - depthOf(one) || byName(one, other));
  if (first === undefined) return undefined;
  const others = unique.filter((team) => team !== first);
  if (second === undefined) return { team: first, reason: 'only', others };
  if (rankOf(first) < rankOf(second)) return { team: first, reason: 'priority', others };
  return { team: first, reason: depthOf(first) > depthOf(second) ? 'most_specific' : 'name', others };
}

const byName = (one: string, other: string): number => {
  const [left, right] = [anyCase(one), anyCase(other)];
  if (left !== right) return left < right ? -1 : 1;
  return one < other ? -1 : Number(one > other);
};
