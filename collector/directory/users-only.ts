/** Facts of a feed that knows users and teams, and no rules. */
import { atOnce, eachOf } from '../core/turn.ts';
import type { FeedFacts, TeamFacts, UserFacts } from './facts.ts';
import { anyCase } from './names.ts';

/** A name that two users of the feed have is nobody's: identity providers let several share a mailbox. */
export const usersOnly = (feed: string, users: readonly UserFacts[]): FeedFacts => atOnce(usersOnlyInSteps(feed, users, []));

export function* usersOnlyInSteps(feed: string, users: readonly UserFacts[], teams: readonly TeamFacts[]): Generator<void, FeedFacts> {
  const owners = new Map<string, Set<string>>();
  const own: UserFacts[] = [];
  yield* eachOf(users, ({ user, aliases }) => {
    for (const name of [user, ...aliases.map((alias) => alias.name)]) owners.getOrInsertComputed(anyCase(name), () => new Set()).add(user);
  });
  yield* eachOf(users, (facts) => {
    own.push({ ...facts, aliases: facts.aliases.filter(({ name }) => owners.get(anyCase(name))?.size === 1) });
  });
  return { feed, users: own, teams, repositories: [], workspaces: [], tokens: [], domains: [] };
}
