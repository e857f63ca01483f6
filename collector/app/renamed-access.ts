/**
 * Which tokens and certificates were given other names when they were read again. What their sessions report from then on is another session's
 * (realm.ts), and a running total counts there from nothing.
 */
import type { Log } from '../catalog/log-codes.ts';
import type { RealmOf } from '../ingest/attribution/realm.ts';
import type { AuthRules } from '../server/auth.ts';

type Named = AuthRules['tokens'] extends ReadonlyMap<string, infer Known> ? Known : never;

const SHOWN = 10;

/** By the name that each has in messages. Those that are new, and those that send nothing, rename no session. */
export function renamedAccess(before: AuthRules, after: AuthRules, realmOf: RealmOf): readonly string[] {
  const former = new Map([...before.tokens, ...certificatesOf(before)]);
  return [...after.tokens, ...certificatesOf(after)].flatMap(([key, known]) => {
    const was = former.get(key);
    const isRenamed = was !== undefined && hasSessions(was) && hasSessions(known) && realmOf(was.credentials) !== realmOf(known.credentials);
    return isRenamed ? [known.credentials.name ?? ''] : [];
  });
}

const certificatesOf = ({ certificates }: AuthRules): readonly (readonly [string, Named])[] =>
  certificates.map((known) => [JSON.stringify(known.subject), known]);

const hasSessions = ({ role, credentials }: Named): boolean => (role === 'ingest' || role === 'admin') && credentials.sends === undefined;

export function warnOfRenamed(names: readonly string[], log: Log): void {
  if (names.length === 0) return;
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  const shown = names.slice(0, SHOWN).map((name) => `"${name}"`);
  const message = `Tokens or certificates name others than before: ${shown.join(', ')}${more}. Their sessions under way go on as second ones, and what cumulative metrics report of them is booked again.`;
  const hint = 'Change names while their clients are idle, or issue a new token, which clients get when they start.';
  log('access_renamed', message, { hint, fields: { renamed: names.length } });
}
