/** Who a question about one user is about: the user of the token, or the one that is named. */
import { normalizeUser } from '../catalog/values.ts';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import { type Directory, loadDirectory } from '../ingest/attribution/directory.ts';
import { loadPseudonymizer, PSEUDONYM_PREFIX } from '../ingest/attribution/pseudonym.ts';
import { badParameter } from './parameters.ts';
import type { Asking } from './question.ts';

/** Stored values. */
export interface AskedUser {
  readonly user: string;
  /** By the directory, for somebody who has not sent anything yet. */
  readonly team?: string | undefined;
  /** The directory or a token names the user, who is real before the first record. */
  readonly isNamed: boolean;
  /** May who asks hear of others with a name like this? */
  readonly mayHearNames: boolean;
}

interface UserNames {
  readonly pseudonymize: ((user: string) => string) | undefined;
  readonly directory: Directory;
}

const loaded = new WeakMap<Config, UserNames>();

/** The files that name users, read once for each configuration. Throws LedgerlineError `invalid` for one that cannot be read. */
export const userNames = (config: Config): UserNames =>
  loaded.getOrInsertComputed(config, () => ({
    pseudonymize: loadPseudonymizer(config.attribution),
    directory: loadDirectory(config.attribution.directory_file),
  }));

/** Throws `invalid` where nobody is named, and `forbidden` where somebody else is. */
export function askedUser(asked: string | undefined, { asker, config, now }: Pick<Asking, 'asker' | 'config' | 'now'>): AskedUser {
  const { pseudonymize, directory } = userNames(config);
  const { credentials, mayRead } = asker;
  const own = credentials.user === undefined ? undefined : normalizeUser(credentials.user);
  const wanted = asked === undefined ? own : normalizeUser(asked);
  if (wanted === undefined) throw badParameter('user', '', 'is missing', 'Give ?user=, or a token of auth.tokens that has a user.');
  const isOwn = wanted === own || (own !== undefined && wanted === pseudonymize?.(own));
  if (!mayRead && !isOwn) {
    throw new LedgerlineError('forbidden', `The token "${credentials.name ?? ''}" may only ask about its own user.`, {
      hint: 'Leave out ?user=, or use a token with the role read.',
    });
  }
  const user = isOwn && own !== undefined ? own : wanted;
  const placed = directory.person(user, now());
  // Of the token, where that is what its user's records are booked on.
  const team = isOwn && config.attribution.claims !== 'client' ? credentials.team : undefined;
  return {
    user: pseudonymize === undefined || user.startsWith(PSEUDONYM_PREFIX) ? user : pseudonymize(user),
    team: team ?? placed?.team,
    isNamed: isOwn || placed !== undefined,
    // Which pseudonym is like another says nothing.
    mayHearNames: mayRead && pseudonymize === undefined,
  };
}
