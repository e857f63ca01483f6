/** Scopes of readers by the directory: who is named by an alias sees what is booked on the user for whom it stands now. */
import type { ReadScope, ScopeFilter } from '../../catalog/read-scope.ts';
import { apartFromOther } from '../../catalog/values.ts';
import type { Directory } from '../../directory/directory.ts';
import { type DirectoryAtHand, directoryAtHand, storedName, userNames } from '../asked-user.ts';
import type { Asking } from '../question.ts';
import { KnownUsers } from './known-users.ts';

type Context = DirectoryAtHand & Pick<Asking, 'now'>;

const known = new WeakMap<Directory, KnownUsers>();

export function aliasedScope(scope: ReadScope, context: Context): ReadScope {
  if (scope === 'all') return scope;
  const [first, ...others] = scope;
  return [aliased(first, context), ...others.map((filter) => aliased(filter, context))];
}

/** Beside what is under the name itself. */
function aliased(filter: ScopeFilter, context: Context): ScopeFilter {
  if (filter.dimension !== 'user' || filter.values.length === 0) return filter;
  const { config, now } = context;
  const users = known.getOrInsertComputed(directoryAtHand(context), (directory) => new KnownUsers(directory, config));
  const userOf = (stored: string): string => {
    const name = users.nameOf(stored);
    const user = users.directory.canonical(name, now());
    return user === name ? stored : apartFromOther(storedName(user, userNames(config)));
  };
  return { ...filter, values: [...new Set(filter.values.flatMap((stored) => [stored, userOf(stored)]))] };
}
