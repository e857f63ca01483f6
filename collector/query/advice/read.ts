/** Reads the sessions that advice looks at: those that cost most, so many and no more. */
import type { DimensionName } from '../../catalog/measures.ts';
import { fullSessionId } from '../../catalog/session-ids.ts';
import type { PicoUsd } from '../../core/money.ts';
import type { TimeRange } from '../../core/time-range.ts';
import type { LedgerSnapshot } from '../../ledger/ledger.ts';
import type { SessionFilter } from '../../ledger/sessions.ts';
import { coursesOf, type Owner, type UserCourse } from './course.ts';

export const SESSIONS_MAX = 100;
/** Of all sessions together. A longer session is left out. */
export const RECORDS_MAX = 20_000;
/** Sessions that are listed to find those in the time range. */
const LISTED = 500;
const USERS_MAX = 200;
const OWNERS = ['organization', 'team', 'user'] as const satisfies readonly DimensionName[];

export interface CoursesRequest extends TimeRange {
  readonly where: readonly SessionFilter[];
  /** That of the ledger: a total is cheap there. */
  readonly timeZone: string;
}

export interface OwnerCost extends Owner {
  readonly cost: PicoUsd;
}

export interface ReadCourses {
  readonly courses: readonly UserCourse[];
  readonly sessions: number;
  /** Sessions last seen since the time range began. */
  readonly sessionsFound: number;
  /** Booked within the time range and the filters. */
  readonly cost: PicoUsd;
  /** Of it, in the sessions that were read. */
  readonly costRead: PicoUsd;
  /** By owner, the largest first. */
  readonly owners: readonly OwnerCost[];
  /** Were all sessions read from their beginning? */
  readonly isComplete: boolean;
  readonly asOfMs: number | undefined;
}

export async function readCourses(ledger: LedgerSnapshot, { where, timeZone, ...range }: CoursesRequest): Promise<ReadCourses> {
  const { fromMs, toMs = Number.POSITIVE_INFINITY } = range;
  const listed = await ledger.sessions({ fromMs, limit: LISTED, order: 'cost', where });
  const within = listed.filter(({ firstSeenMs }) => firstSeenMs < toMs);
  const owners = await ledger.query({
    measures: ['cost'],
    by: OWNERS,
    ...range,
    grain: 'total',
    timeZone,
    where,
    rowsMax: USERS_MAX,
    beyond: 'other',
  });
  const courses: UserCourse[] = [];
  let [left, sessions, costRead] = [RECORDS_MAX, 0, 0n];
  for (const { sessionId } of within.slice(0, SESSIONS_MAX)) {
    const course = await ledger.course(fullSessionId(sessionId), { within: where, recordsMax: left });
    if (course?.steps === undefined) continue;
    left -= course.steps.length;
    sessions++;
    courses.push(...coursesOf(course));
    costRead += course.steps.reduce((sum, { timeMs, cost }) => (timeMs >= (fromMs ?? 0) && timeMs < toMs ? sum + cost : sum), 0n);
  }
  const isAll = listed.length < LISTED && sessions === within.length;
  return {
    ...{ courses, sessions, costRead, cost: owners.totals[0] ?? 0n, asOfMs: owners.asOfMs },
    sessionsFound: listed.length < LISTED ? within.length : await ledger.sessionCount({ fromMs, where }),
    owners: owners.rows.map(({ key: [organization = '', team = '', user = ''], values: [cost = 0n] }) => ({ organization, team, user, cost })),
    isComplete: isAll && courses.every(({ isWhole }) => isWhole),
  };
}
