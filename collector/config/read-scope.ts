/** What a reader may see, as the configuration says it: of tokens, of certificates, and of those who sign in. */
import { z } from 'zod';

export const SCOPE_KEYS = ['organizations', 'teams', 'workspaces', 'users'] as const;

const names = z.array(z.string().min(1)).min(1);

/** Keys of the configuration, each a list of names. A record is seen that has one of the names of every list. */
const scopeMapSchema = z
  .strictObject({
    organizations: names.optional(),
    teams: names.optional(),
    workspaces: names.optional(),
    users: names.optional().describe('As boards show them: an address, or a pseudonym.'),
  })
  .superRefine((map, context) => {
    // A mistyped key says enough.
    if (Object.keys(map).length > 0 || context.issues.length > 0) return;
    context.addIssue({ code: 'custom', message: 'names nothing; name organizations, teams, workspaces or users, or write scope: all' });
  });

export type ScopeMap = z.output<typeof scopeMapSchema>;

const WORDS = ['all', 'self'] as const;

export const readScopeSchema = z
  .union([z.enum(WORDS), scopeMapSchema])
  .describe('What a reader sees: all, self (the records of `user`), or lists of which a record must have one name each.');

export type ReadScopeConfig = z.output<typeof readScopeSchema>;

interface Reader extends Readonly<Partial<Record<'organization' | 'team' | 'user' | 'workspace' | 'job', string | undefined>>> {
  readonly role: string;
  readonly scope?: ReadScopeConfig | undefined;
}

/** A name beside the role read looks like a limit, so what is seen has to be written. */
export function checkReader(reader: Reader, context: z.RefinementCtx): void {
  const message = mistakeOfReader(reader);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
}

/** One sentence without a full stop: what is wrong, and the remedy. */
export function mistakeOfReader(reader: Reader): string | undefined {
  const { role, scope, user = '' } = reader;
  // What a job spends would be counted as spend of the user, who may never have seen it.
  if (reader.user !== undefined && reader.job !== undefined) return 'has a user and a job; a job has no user, so give each a token of its own';
  if (role === 'scim' && scope !== undefined) return 'scope is for those who may read; leave it out';
  if (role === 'scim') return nameBeside(reader);
  if (role === 'ingest') return scope === undefined ? undefined : 'scope is for those who may read; leave it out, or use the role read';
  if (reader.job !== undefined) return 'job is for those who send; leave it out, or use the role ingest';
  if (role === 'admin') {
    const sees = 'scope: whoever has the role admin changes budgets of everybody, and sees everything';
    return scope === undefined || scope === 'all' ? undefined : `${sees}; use the role read, or leave scope out`;
  }
  if (scope === 'self' && user.trim() === '') return 'scope: self needs user beside it; add the user to be seen';
  return scope === undefined ? unlimited(reader) : undefined;
}

/** Whoever keeps the directory is nobody in it. */
function nameBeside(reader: Reader): string | undefined {
  const key = (['user', 'team', 'organization', 'workspace', 'job'] as const).find((name) => reader[name] !== undefined);
  return key === undefined ? undefined : `${key} is for those who send or read; leave it out, or use another role`;
}

function unlimited(reader: Reader): string | undefined {
  const key = (['user', 'team', 'organization', 'workspace'] as const).find((name) => reader[name] !== undefined);
  if (key === undefined) return undefined;
  const remedy = key === 'user' ? 'self' : `{ ${key}s: [${JSON.stringify(reader[key])}] }`;
  return `${key} alone does not limit what the role read sees; add scope: ${remedy}, or scope: all`;
}
