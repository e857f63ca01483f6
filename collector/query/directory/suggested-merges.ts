/** Names that are most likely one user: both had a part of the same session, which is of one client. */
import { showValue } from '../../catalog/values.ts';
import type { SharedSessions } from '../../ledger/sessions.ts';
import type { KnownUsers } from './known-users.ts';
import { isErased } from './unallocated.ts';

/** A name that should be merged into a user. */
export interface SuggestedMerge {
  readonly name: string;
  readonly user: string;
  readonly sessions: number;
}

/** Two users of the directory are two, whatever they share. The one that it knows is the user, else the address, else the first by name. */
export function suggestedMerges(shared: readonly SharedSessions[], known: KnownUsers, nowMs: number): readonly SuggestedMerge[] {
  const canonical = (stored: string): string => known.directory.canonical(known.nameOf(stored), nowMs);
  return shared.flatMap(({ users: [one, other], sessions }) => {
    if (isErased(one) || isErased(other) || (known.isKnown(one) && known.isKnown(other))) return [];
    const [user, name] = rankOf(other, known) > rankOf(one, known) ? [other, one] : [one, other];
    return [{ name: showValue('user', name), user: canonical(user), sessions }];
  });
}

const rankOf = (stored: string, known: KnownUsers): number => (known.isKnown(stored) ? 2 : Number(stored.includes('@')));
