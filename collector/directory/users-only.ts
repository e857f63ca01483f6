/** Facts of a feed that knows users and teams, and no rules. */
import type { FeedFacts, TeamFacts, UserFacts } from './facts.ts';
import { anyCase } from './names.ts';

/** A name that two users of the feed have is nobody's: identity providers let several share a mailbox. */
export function usersOnly(feed: string, users: readonly UserFacts[], teams: readonly TeamFacts[] = []): FeedFacts {
  const owners = new Map<string, Set<string>>();
  for (const { user, aliases } of users)
    for (const name of [user, ...aliases.map((alias) => alias.name)]) owners.getOrInsertComputed(anyCase(name), () => new Set()).add(user);
  const own = users.map((facts) => ({ ...facts, aliases: facts.aliases.filter(({ name }) => owners.get(anyCase(name))?.size === 1) }));
  return { feed, users: own, teams, repositories: [], workspaces: [], tokens: [], domains: [] };
}
