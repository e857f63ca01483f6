/** The sessions that cost most within a time range. */
import { fullSessionId } from '../catalog/session-ids.ts';
import type { Filter } from '../catalog/values.ts';
import type { PicoUsd } from '../core/money.ts';
import type { TimeRange } from '../core/time-range.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import { isSessionFilter, type SessionSummary } from '../ledger/sessions.ts';

export interface LargestQuery extends TimeRange {
  readonly where: readonly Filter[];
  readonly limit: number;
}

export interface SpendingSession {
  readonly session: SessionSummary;
  /** Booked within the time range and the filters. */
  readonly cost: PicoUsd;
}

export interface LargestSessions {
  /** The largest first; ties as the ledger lists sessions. */
  readonly sessions: readonly SpendingSession[];
  /** False where a session was too long to read, or too many came into question: then another may belong among them. */
  readonly isExact: boolean;
}

type Reader = Pick<LedgerSnapshot, 'sessions' | 'course'>;

/** How many sessions are listed, in turn, until enough of them lie in the time range. */
const LISTED = [200, 2_000, 20_000];
/** Sessions that only partly lie in the time range are added up from their records. */
const COURSES_MAX = 200;
export const RECORDS_MAX = 20_000;

/**
 * No session cost more within a time range than in all, so those that cost most in all are looked at first, and the rest is not once
 * none of it can be larger.
 */
export async function largestSessions(reader: Reader, query: LargestQuery): Promise<LargestSessions> {
  for (const [index, listed] of LISTED.entries()) {
    const candidates = await reader.sessions({ fromMs: query.fromMs, limit: listed, order: 'cost', where: query.where.filter(isSessionFilter) });
    const found = await among(candidates, reader, query);
    if (found.isSettled || candidates.length < listed || index === LISTED.length - 1)
      return { sessions: found.sessions, isExact: found.isExact && (found.isSettled || candidates.length < listed) };
  }
  return { sessions: [], isExact: true };
}

interface Found extends LargestSessions {
  /** Can none that was not looked at be larger? */
  readonly isSettled: boolean;
}

async function among(candidates: readonly SessionSummary[], reader: Reader, query: LargestQuery): Promise<Found> {
  const found: SpendingSession[] = [];
  let courses = 0;
  let isExact = true;
  for (const session of candidates) {
    const least = found[query.limit - 1];
    if (least !== undefined && session.cost <= least.cost) return { sessions: found, isExact, isSettled: true };
    if (query.toMs !== undefined && session.firstSeenMs >= query.toMs) continue;
    const isWhole = liesWithin(session, query);
    if (!isWhole && courses++ >= COURSES_MAX) return { sessions: found, isExact: false, isSettled: true };
    const cost = isWhole ? session.cost : await costOf(session, reader, query);
    if (cost === undefined) isExact = false;
    else if (cost > 0n) insert(found, { session, cost }, query.limit);
  }
  return { sessions: found, isExact, isSettled: false };
}

/** Does the list say what it cost within what is asked? */
const liesWithin = ({ firstSeenMs, lastSeenMs }: SessionSummary, { fromMs = 0, toMs = Number.POSITIVE_INFINITY, where }: LargestQuery): boolean =>
  firstSeenMs >= fromMs && lastSeenMs < toMs && where.every(isSessionFilter);

/** Undefined: not known, since it is too long. */
async function costOf({ sessionId }: SessionSummary, reader: Reader, { fromMs, toMs, where }: LargestQuery): Promise<PicoUsd | undefined> {
  const course = await reader.course(fullSessionId(sessionId), { fromMs, toMs, within: where, recordsMax: RECORDS_MAX });
  if (course === undefined) return 0n;
  return course.steps?.reduce((sum, { cost }) => sum + cost, 0n);
}

function insert(found: SpendingSession[], one: SpendingSession, limit: number): void {
  const at = found.findIndex(({ cost }) => cost < one.cost);
  found.splice(at === -1 ? found.length : at, 0, one);
  found.length = Math.min(found.length, limit);
}
