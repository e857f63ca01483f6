/** Names that were merged, as facts of a feed: each is an alias since the beginning. */
import { ALWAYS, type FeedFacts, type UserFacts } from './facts.ts';
import { anyCase } from './names.ts';
import type { Merge } from './store.ts';
import { usersOnly } from './users-only.ts';

const FEED = 'merges';

/** The oldest first: what was merged into a name that is merged itself goes with it, and a name into which others are merged again is a user again. */
export function factsOfMerges(merges: readonly Pick<Merge, 'alias' | 'user'>[]): FeedFacts {
  const users = new Map<string, { readonly alias: string; user: string }>();
  for (const { alias, user } of merges) {
    users.delete(anyCase(user));
    for (const one of users.values()) if (anyCase(one.user) === anyCase(alias)) one.user = user;
    users.set(anyCase(alias), { alias, user });
  }
  const byUser = Map.groupBy(users.values(), ({ user }) => anyCase(user));
  const facts = [...byUser.values()].flatMap((same): UserFacts[] => {
    const [first] = same;
    return first === undefined ? [] : [{ user: first.user, aliases: same.map(({ alias }) => ({ name: alias, ...ALWAYS })), memberships: [] }];
  });
  return { ...usersOnly(FEED, facts), isMerges: true };
}
