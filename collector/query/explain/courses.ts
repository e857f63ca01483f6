/** Courses of sessions as findings look at them: requests in time order, with their prompts. */
import { fullSessionId, shownSessionId } from '../../catalog/session-ids.ts';
import type { Filter } from '../../catalog/values.ts';
import { showValue } from '../../catalog/values.ts';
import type { PicoUsd } from '../../core/money.ts';
import type { TimeRange } from '../../core/time-range.ts';
import type { LedgerSnapshot } from '../../ledger/ledger.ts';
import type { CourseStep, StepDimensions } from '../../ledger/session-course.ts';
import type { RequestTokens } from '../../pricing/tokens.ts';
import type { SpendingSession } from '../largest-sessions.ts';

export interface CourseRequest {
  readonly timeMs: number;
  readonly dims: StepDimensions;
  readonly cost: PicoUsd;
  readonly tokens: RequestTokens;
  /** Size of the prompt: uncached input, cache reads and cache writes. */
  readonly prompt: number;
  /** It is dated when it ended. */
  readonly durationMs: number;
}

export interface Course {
  /** As the client calls it. */
  readonly sessionId: string;
  readonly user: string;
  /** Within what is asked. */
  readonly cost: PicoUsd;
  /** Oldest first. */
  readonly requests: readonly CourseRequest[];
  readonly compactionsMs: readonly number[];
  readonly steps: readonly CourseStep[];
}

/** Of all sessions looked at together. */
const RECORDS_MAX = 60_000;

/** Of the sessions given, the first that are not too long together. */
export async function readCourses(
  ledger: Pick<LedgerSnapshot, 'course'>,
  sessions: readonly SpendingSession[],
  { fromMs, toMs, where }: TimeRange & { readonly where: readonly Filter[] },
): Promise<readonly Course[]> {
  const courses: Course[] = [];
  let left = RECORDS_MAX;
  for (const { session } of sessions) {
    if (left <= 0) break;
    const course = await ledger.course(fullSessionId(session.sessionId), { fromMs, toMs, within: where, recordsMax: left });
    if (course?.steps === undefined) continue;
    left -= course.steps.length;
    courses.push(courseOf(session, course.steps));
  }
  return courses;
}

export const courseOf = (session: { readonly sessionId: string; readonly user: string }, steps: readonly CourseStep[]): Course => ({
  sessionId: shownSessionId(session.sessionId),
  user: showValue('user', session.user),
  cost: steps.reduce((sum, { cost }) => sum + cost, 0n),
  requests: steps.filter(({ amounts, isAdjustment }) => amounts.requests === 1 && isAdjustment !== true).map(requestOf),
  compactionsMs: steps.filter(({ amounts }) => amounts.compactions !== undefined).map(({ timeMs }) => timeMs),
  steps,
});

function requestOf({ timeMs, dims, cost, amounts }: CourseStep): CourseRequest {
  const { input_tokens: input = 0, output_tokens: output = 0, cache_read_tokens: cacheRead = 0, cache_creation_tokens: written = 0 } = amounts;
  const cacheCreation1h = Math.min(written, amounts.cache_creation_1h_tokens ?? 0);
  const tokens = { input, output, cacheRead, cacheCreation5m: written - cacheCreation1h, cacheCreation1h };
  return { timeMs, dims, cost, tokens, prompt: input + cacheRead + written, durationMs: amounts.api_duration_ms ?? 0 };
}

/** Requests of the conversation itself: not of subagents, titles and the like. */
export const isMain = ({ dims }: CourseRequest): boolean => dims.query_source === 'main' || (dims.query_source === '' && dims.agent === '');
