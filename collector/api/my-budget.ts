/** GET /api/v1/me/budget: who asks, and the answer. */

import { createHash } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { normalizeUser } from '../catalog/values.ts';
import { LedgerlineError } from '../core/error.ts';
import { loadDirectory } from '../ingest/attribution/directory.ts';
import { loadPseudonymizer, PSEUDONYM_PREFIX } from '../ingest/attribution/pseudonym.ts';
import type { BudgetContext } from '../query/budget-context.ts';
import { type AskedUser, budgetsOf } from '../query/my-budget.ts';
import { badParameter, readParameters } from '../query/parameters.ts';
import type { Credentials } from '../server/auth.ts';
import { authenticateRequest } from '../server/reader-gate.ts';

export function myBudget(context: BudgetContext): RequestHandler {
  const pseudonymize = loadPseudonymizer(context.config.attribution);
  const directory = loadDirectory(context.config.attribution.directory_file);
  return async (request, response) => {
    const { user, isOwn, mayRead, team } = userOf(request, context, pseudonymize);
    const placed = directory.person(user, context.now());
    const asked: AskedUser = {
      user: pseudonymize === undefined || user.startsWith(PSEUDONYM_PREFIX) ? user : pseudonymize(user),
      team: team ?? placed?.team,
      isNamed: isOwn || placed !== undefined,
      // Which pseudonym is like another says nothing.
      mayHearNames: mayRead && pseudonymize === undefined,
    };
    const answer = await budgetsOf(asked, context);
    // What changes without anything having happened, its age, is no reason to send it all again.
    const { age_seconds: _, evaluated_at: __, ...facts } = answer;
    const etag = `"${createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 22)}"`;
    response.set({ 'Cache-Control': 'private, no-cache', ETag: etag });
    if (request.get('if-none-match') === etag) response.status(304).end();
    else response.json(answer);
  };
}

interface UserAsked {
  /** An address, an id, or a pseudonym that is asked for as such. */
  readonly user: string;
  /** Is it the user of the token? */
  readonly isOwn: boolean;
  readonly mayRead: boolean;
  /** Of the token, where that is what its user's records are booked on. */
  readonly team: string | undefined;
}

function userOf(request: Request, { authenticate, config }: BudgetContext, pseudonymize?: (user: string) => string): UserAsked {
  const asked = readParameters(request.originalUrl, ['user']).get('user') ?? undefined;
  const { credentials, mayRead } = callerOf(request, authenticate);
  const own = credentials.user === undefined ? undefined : normalizeUser(credentials.user);
  const wanted = asked === undefined ? own : normalizeUser(asked);
  if (wanted === undefined) throw badParameter('user', '', 'is missing', 'Give ?user=, or a token of auth.tokens that has a user.');
  const isOwn = wanted === own || (own !== undefined && wanted === pseudonymize?.(own));
  const team = isOwn && config.attribution.claims !== 'client' ? credentials.team : undefined;
  if (mayRead || isOwn) return { user: isOwn && own !== undefined ? own : wanted, isOwn, mayRead, team };
  throw new LedgerlineError('forbidden', `The token "${credentials.name ?? ''}" may only ask about its own user.`, {
    hint: 'Leave out ?user=, or use a token with the role read.',
  });
}

/** A developer's own token may send telemetry and nothing else; what that developer has left it may still know. */
function callerOf(request: Request, authenticate: BudgetContext['authenticate']): { credentials: Credentials; mayRead: boolean } {
  if (authenticate === undefined) return { credentials: {}, mayRead: true };
  try {
    return { credentials: authenticateRequest(authenticate, request, 'read'), mayRead: true };
  } catch (error) {
    const credentials = authenticateRequest(authenticate, request, 'ingest');
    if (credentials.name === undefined) throw error;
    return { credentials, mayRead: false };
  }
}
