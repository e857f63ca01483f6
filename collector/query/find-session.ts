/** A session by whatever somebody has of its id. */
import { z } from 'zod';
import { fullSessionId, shownSessionId } from '../catalog/session-ids.ts';
import { LedgerlineError } from '../core/error.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import type { Session } from '../ledger/sessions.ts';

/** Of an id, to look for the session that begins so. */
export const ID_MIN = 8;
const CANDIDATES_MAX = 5;

export const SESSION_SHAPE = {
  schema: z
    .string()
    .describe(`Id of the session, as the client calls it or in full, or the first ${ID_MIN} characters of it or more.`)
    .meta({ examples: ['6fd5a1f0-8a7c-4d36-9c5e-2f0a3b1c4d5e', '6fd5a1f0'] }),
} as const;

type Reader = Pick<LedgerSnapshot, 'session' | 'sessions'>;

/** Throws LedgerlineError `not_found`, and `invalid` that names them where several begin so. */
export async function findSession(asked: string, ledger: Reader): Promise<Session> {
  const session = (await ledger.session(asked)) ?? (await beginning(asked, ledger));
  if (session === undefined) throw noSuchSession(asked);
  return session;
}

/** The one session whose id begins so; undefined where there is none. */
async function beginning(asked: string, ledger: Reader): Promise<Session | undefined> {
  if (asked.length < ID_MIN) return undefined;
  const found = await ledger.sessions({ limit: CANDIDATES_MAX + 1, idPrefix: asked });
  // Those that clients of several tokens call the same are one for who asks; the answer says so.
  const [one, ...others] = new Set(found.map(({ sessionId }) => shownSessionId(sessionId)));
  if (one === undefined) return undefined;
  if (others.length === 0) return found.length === 1 ? ledger.session(fullSessionId(found[0]?.sessionId ?? one)) : ledger.session(one);
  const shown = [one, ...others].slice(0, CANDIDATES_MAX).join(', ');
  throw new LedgerlineError('invalid', `Several sessions begin with ${asked.slice(0, 80)}.`, {
    hint: `Give more of the id. ${others.length >= CANDIDATES_MAX ? 'Some of them are' : 'They are'} ${shown}.`,
    ...{ parameter: 'session', value: asked.slice(0, 80), nearest: one },
  });
}

const noSuchSession = (asked: string): LedgerlineError =>
  new LedgerlineError('not_found', `No session ${asked.slice(0, 80)} is in the ledger.`, {
    hint: 'The client sends its first data up to a minute after it starts; `ledgerline doctor` shows whether telemetry arrives. /api/v1/sessions lists the newest sessions.',
    ...{ parameter: 'session', value: asked.slice(0, 80) },
  });
