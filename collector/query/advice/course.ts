/** What one user did in one session, as advice looks at it. */
import { fullSessionId, shownSessionId } from '../../catalog/session-ids.ts';
import type { CourseStep, SessionCourse } from '../../ledger/session-course.ts';
import { type CourseRequest, courseOf, isMain } from '../explain/courses.ts';

/** As stored. */
export interface Owner {
  readonly organization: string;
  readonly team: string;
  readonly user: string;
}

export interface UserCourse {
  /** As the client calls it. */
  readonly sessionId: string;
  /** Names the session alone. */
  readonly fullId: string;
  readonly owner: Owner;
  /** Oldest first, of subagents and in the background, too. */
  readonly requests: readonly CourseRequest[];
  /** Those of the conversation itself. */
  readonly main: readonly CourseRequest[];
  /** All times are ascending. */
  readonly compactionsMs: readonly number[];
  readonly promptsMs: readonly number[];
  /** When commits and pull requests were reported, which is after they were made. */
  readonly landedMs: readonly number[];
  /** Was code written, or work handed in? */
  readonly hasWritten: boolean;
  /** Were no records removed because of their age? */
  readonly isWhole: boolean;
}

/** A session that changes hands is a course for each of its users: what is said of one does not depend on who else may be seen. */
export function coursesOf({ sessionId, steps = [], hasRemoved }: SessionCourse): readonly UserCourse[] {
  const ofOwners = Map.groupBy(steps, ({ dims }) => JSON.stringify([dims.organization, dims.team, dims.user]));
  return [...ofOwners.values()].map((own) => userCourse(sessionId, own, !hasRemoved));
}

function userCourse(sessionId: string, steps: readonly CourseStep[], isWhole: boolean): UserCourse {
  const { organization = '', team = '', user = '' } = steps[0]?.dims ?? {};
  const { requests, compactionsMs } = courseOf({ sessionId, user }, steps);
  const timesOf = (has: (amounts: CourseStep['amounts']) => boolean): number[] =>
    steps.filter(({ amounts }) => has(amounts)).map(({ timeMs }) => timeMs);
  const landedMs = timesOf(({ commits = 0, pull_requests = 0 }) => commits + pull_requests > 0);
  return {
    sessionId: shownSessionId(sessionId),
    fullId: fullSessionId(sessionId),
    owner: { organization, team, user },
    requests,
    main: requests.filter(isMain),
    compactionsMs,
    promptsMs: timesOf(({ prompts = 0 }) => prompts > 0),
    landedMs,
    hasWritten: landedMs.length > 0 || steps.some(hasCode),
    isWhole,
  };
}

const hasCode = ({ amounts: { lines_added = 0, lines_removed = 0, edits_accepted = 0 } }: CourseStep): boolean =>
  lines_added + lines_removed + edits_accepted > 0;

/** The model was asked to summarize the conversation, by /compact or because it was full. */
export const isCompaction = ({ dims }: CourseRequest): boolean => dims.query_source_detail === 'compact';
