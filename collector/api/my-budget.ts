/** GET /api/v1/me/budget: who asks, and the answer. */

import { createHash } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { normalizeUser } from '../catalog/values.ts';
import { LedgerlineError } from '../core/error.ts';
import { loadPseudonymizer } from '../ingest/attribution/pseudonym.ts';
import type { BudgetContext } from '../query/budget-context.ts';
import { budgetsOf } from '../query/my-budget.ts';
import { badParameter, readParameters } from '../query/parameters.ts';
import type { Credentials } from '../server/auth.ts';

export function myBudget(context: BudgetContext): RequestHandler {
  const pseudonymize = loadPseudonymizer(context.config.attribution) ?? ((user: string) => user);
  return async (request, response) => {
    const user = userOf(request, context, pseudonymize);
    const answer = await budgetsOf(user, context);
    // What changes without anything having happened, its age, is no reason to send it all again.
    const { age_seconds: _, evaluated_at: __, ...facts } = answer;
    const etag = `"${createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 22)}"`;
    response.set({ 'Cache-Control': 'private, no-cache', ETag: etag });
    if (request.get('if-none-match') === etag) response.status(304).end();
    else response.json(answer);
  };
}

export function userOf(request: Request, { authenticate }: BudgetContext, pseudonymize: (user: string) => string): string {
  const asked = readParameters(request.originalUrl, ['user']).get('user') ?? undefined;
  const { credentials, mayRead } = callerOf(request.get('authorization'), authenticate);
  const own = credentials.user === undefined ? undefined : pseudonymize(normalizeUser(credentials.user));
  if (asked === undefined && own !== undefined) return own;
  if (asked === undefined) throw badParameter('user', '', 'is missing', 'Give ?user=, or a token of auth.tokens that has a user.');
  const wanted = normalizeUser(asked);
  if (mayRead || wanted === own || wanted === normalizeUser(credentials.user ?? ''))
    return wanted === normalizeUser(credentials.user ?? '') ? (own ?? wanted) : wanted;
  throw new LedgerlineError('forbidden', `The token "${credentials.name ?? ''}" may only ask about its own user.`, {
    hint: 'Leave out ?user=, or use a token with the role read.',
  });
}

/** A developer's own token may send telemetry and nothing else; what that developer has left it may still know. */
export function callerOf(
  authorization: string | undefined,
  authenticate: BudgetContext['authenticate'],
): { credentials: Credentials; mayRead: boolean } {
  if (authenticate === undefined) return { credentials: {}, mayRead: true };
  try {
    return { credentials: authenticate(authorization, 'read'), mayRead: true };
  } catch (error) {
    const credentials = authenticate(authorization, 'ingest');
    if (credentials.name === undefined) throw error;
    return { credentials, mayRead: false };
  }
}
