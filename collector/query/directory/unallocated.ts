/** Why spend has no team: a reason for each user and day, by the directory as it is now. */
import type { Directory } from '../../directory/directory.ts';
import { resolve } from '../../directory/resolve.ts';
import type { KnownUsers } from './known-users.ts';

export const REASONS = ['no_user', 'job_without_team', 'erased', 'no_alias', 'domain_unknown', 'no_team_at_day', 'placed_since'] as const;
export type Reason = (typeof REASONS)[number];

export const REASON_WORDS: Readonly<Record<Reason, { readonly message: string; readonly remedy: string }>> = {
  no_user: {
    message: 'The records name no user, and their token names no team.',
    remedy: 'Give the token a team or a user in auth.tokens, or name it under tokens in the directory.',
  },
  job_without_team: {
    message: 'Jobs of CI with a repository that has no team.',
    remedy: 'Name the repository under repositories in the directory, or give the token of the job a team.',
  },
  erased: { message: 'Users that were erased.', remedy: '' },
  no_alias: {
    message: 'Names that are no address, and that the directory does not know.',
    remedy: 'Name each as an alias of its user in the directory.',
  },
  domain_unknown: {
    message: 'Addresses that the directory does not know, of domains without a rule.',
    remedy: 'Add the users to a feed of the directory, or a rule under domains.',
  },
  no_team_at_day: {
    message: 'Users of the directory that had no team on the day.',
    remedy: 'Add a membership with the days in question. What is booked stays as it is.',
  },
  placed_since: {
    message: 'Users that have a team by the directory as it is now; the spend was booked before.',
    remedy: 'Nothing: what is booked stays as it is.',
  },
};

const ERASED = /^erased-/;
export const isErased = (user: string): boolean => ERASED.test(user);

/** `user` as stored, '' where there is none. */
export function reasonFor(user: string, job: string, known: KnownUsers, timeMs: number): Reason {
  if (job !== '') return 'job_without_team';
  if (user === '') return 'no_user';
  if (isErased(user)) return 'erased';
  const { directory } = known;
  const name = directory.canonical(known.nameOf(user), timeMs);
  if (hasTeam(name, directory, timeMs)) return 'placed_since';
  if (known.isKnown(user)) return 'no_team_at_day';
  return user.includes('@') ? 'domain_unknown' : 'no_alias';
}

const hasTeam = (user: string, directory: Directory, timeMs: number): boolean => resolve({ user }, directory, timeMs).team !== undefined;
