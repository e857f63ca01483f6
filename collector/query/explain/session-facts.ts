/** The facts of one session, held against what sessions of its team are like. */
import { fullSessionId } from '../../catalog/session-ids.ts';
import type { Filter } from '../../catalog/values.ts';
import { LedgerlineError } from '../../core/error.ts';
import type { LedgerSnapshot } from '../../ledger/ledger.ts';
import type { Session } from '../../ledger/sessions.ts';
import { coursesOf, type UserCourse } from '../advice/course.ts';
import { findSession } from '../find-session.ts';
import { courseOf } from './courses.ts';
import { daysBefore, type Facts, type FactsRequest, readBefore } from './facts.ts';
import { sliceOfSteps } from './slice.ts';

/** A longer session is not walked through for this. */
const RECORDS_MAX = 100_000;

export interface SessionFacts {
  readonly session: Session;
  readonly facts: Facts;
  /** The same for each of its users. */
  readonly courses: readonly UserCourse[];
}

export async function readSessionFacts(
  ledger: LedgerSnapshot,
  id: string,
  { calendar, ledgerZone, prices, rowsMax }: Pick<FactsRequest, 'calendar' | 'ledgerZone' | 'prices' | 'rowsMax'>,
): Promise<SessionFacts> {
  const session = await findSession(id, ledger);
  const course = await ledger.course(fullSessionId(session.sessionId), { recordsMax: RECORDS_MAX });
  if (course !== undefined && course.steps === undefined) {
    throw new LedgerlineError('invalid', `The session has more than ${RECORDS_MAX.toLocaleString('en')} records.`, {
      hint: 'Ask about the time in which it was expensive: /api/v1/explain?from=…&to=…',
    });
  }
  const steps = course?.steps ?? [];
  const where: readonly Filter[] = session.team === '' ? [] : [{ dimension: 'team', values: [session.team] }];
  const past = daysBefore(session.firstSeenMs, calendar);
  const common = { grain: 'total', timeZone: ledgerZone, where, rowsMax } as const;
  const facts: Facts = {
    now: sliceOfSteps(steps),
    ...(await readBefore(ledger, past, { timeZone: calendar.timeZone, common })),
    length: undefined,
    users: [],
    usersBefore: [],
    ofJobs: new Map(),
    sessions: { sessions: [], isExact: true },
    courses: [courseOf(session, steps)],
    isComplete: course !== undefined && !course.hasRemoved,
    ...{ prices, timeZone: calendar.timeZone, atMs: session.lastSeenMs, asOfMs: (await ledger.status()).asOfMs },
  };
  return { session, facts, courses: course === undefined ? [] : coursesOf(course) };
}
