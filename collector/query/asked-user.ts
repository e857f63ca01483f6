/** Who a question about one user is about: the user of the token, or the one that is named. */
import { normalizeUser } from '../catalog/values.ts';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import type { Directory } from '../directory/directory.ts';
import { loadDirectory } from '../directory/load.ts';
import { loadPseudonymizer, PSEUDONYM_PREFIX } from '../ingest/attribution/pseudonym.ts';
import { isKnownValue } from './known-values.ts';
import { badParameter } from './parameters.ts';
import type { Asking } from './question.ts';

/** Stored values. */
export interface AskedUser {
  readonly user: string;
  /** By the directory, for somebody who has not sent anything yet. */
  readonly team?: string | undefined;
  /** The directory or a token names the user, who is real before the first record. */
  readonly isNamed: boolean;
  /** Is it the user who asks? */
  readonly isOwn: boolean;
  /** May who asks hear of others with a name like this? */
  readonly mayHearNames: boolean;
}

interface UserNames {
  readonly pseudonymize: ((user: string) => string) | undefined;
}

const loaded = new WeakMap<Config, UserNames>();

/** The key of pseudonyms, read once for each configuration. Throws LedgerlineError `invalid` where it cannot be read. */
export const userNames = (config: Config): UserNames =>
  loaded.getOrInsertComputed(config, () => ({ pseudonymize: loadPseudonymizer(config.attribution) }));

const directories = new WeakMap<Config, Directory>();

/** Where a collector keeps the directory at hand, or has none but its files. */
export interface DirectoryAtHand extends Pick<Asking, 'config'> {
  readonly directory?: (() => Directory) | undefined;
}

const ofFiles = (config: Config): Directory => directories.getOrInsertComputed(config, () => loadDirectory(config));

/** As it is now. Throws LedgerlineError `invalid` where a file of it cannot be read. */
export const directoryAtHand = ({ directory, config }: DirectoryAtHand): Directory => directory?.() ?? ofFiles(config);

/** As it is now. Rejects as directoryAtHand throws. */
export const directoryOf = async ({ directory, config }: Pick<Asking, 'directory' | 'config'>): Promise<Directory> =>
  (await directory?.()) ?? ofFiles(config);

/** As the ledger stores the user. */
export function storedName(user: string, { pseudonymize }: Pick<UserNames, 'pseudonymize'>): string {
  const own = normalizeUser(user);
  return pseudonymize === undefined || own.startsWith(PSEUDONYM_PREFIX) ? own : pseudonymize(own);
}

/** The user, as the ledger stores it, that a name stands for at a time. */
export const storedUserOf =
  (directory: Directory, config: Config, timeMs: number) =>
  (name: string): string =>
    storedName(directory.canonical(normalizeUser(name), timeMs), userNames(config));

/** Throws `invalid` where nobody is named, and `forbidden` where somebody is who may not be asked about. */
export async function askedUser(
  asked: string | undefined,
  asking: Pick<Asking, 'asker' | 'scope' | 'reader' | 'config' | 'now' | 'directory'>,
): Promise<AskedUser> {
  const { asker, scope, reader, config, now } = asking;
  const { pseudonymize } = userNames(config);
  const directory = await directoryOf(asking);
  const { credentials, mayRead } = asker;
  // Under whichever of its names a user is asked about.
  const named = (name: string): string => directory.canonical(normalizeUser(name), now());
  const own = credentials.user === undefined ? undefined : named(credentials.user);
  const wanted = asked === undefined ? own : named(asked);
  if (wanted === undefined) throw badParameter('user', '', 'is missing', 'Give ?user=, or a token of auth.tokens that has a user.');
  const isOwn = wanted === own || (own !== undefined && wanted === pseudonymize?.(own));
  if (!mayRead && !isOwn) {
    throw new LedgerlineError('forbidden', `The token "${credentials.name ?? ''}" may only ask about its own user.`, {
      hint: 'Leave out ?user=, or use a token with the role read.',
    });
  }
  const user = isOwn && own !== undefined ? own : wanted;
  const stored = storedName(user, { pseudonymize });
  if (!isOwn && scope !== 'all') await assertVisible(stored, user, reader);
  const placed = directory.person(user, now());
  // Of the token, where that is what its user's records are booked on.
  const team = isOwn && config.attribution.claims !== 'client' ? credentials.team : undefined;
  return {
    user: stored,
    team: team ?? placed?.team,
    isNamed: isOwn || placed !== undefined,
    isOwn,
    // Which pseudonym is like another says nothing.
    mayHearNames: mayRead && pseudonymize === undefined && scope === 'all',
  };
}

/** The same for a user outside the scope and for one who never was. */
async function assertVisible(stored: string, typed: string, reader: Asking['reader']): Promise<void> {
  if (await isKnownValue('user', stored, reader)) return;
  throw new LedgerlineError('forbidden', `"${typed.slice(0, 80)}" is not among the users that you may see.`, {
    hint: 'Leave out ?user= to ask about yourself, or name a user that `ledgerline report --by user` shows you.',
  });
}
