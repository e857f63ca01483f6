/** A new task is begun in the conversation of the one before, and carries it along. */
import { HOUR_MS, MINUTE_MS } from '../../core/duration.ts';
import type { CourseRequest } from '../explain/courses.ts';
import { counted, short } from '../explain/words.ts';
import { legsOf } from './compactions.ts';
import type { UserCourse } from './course.ts';
import { carriedBy, carryingAfter } from './late-compaction.ts';
import type { Known, Moment, Rule } from './rule.ts';

const LANDED_PAUSE_MINUTES = 10;
const NIGHT_HOURS = 8;
const TOKENS_MIN = 20_000;

export const TASKS_WITHOUT_CLEAR: Rule = {
  code: 'tasks_without_clear',
  title: 'New tasks in old conversations',
  advice: 'Start each task with /clear, so that it does not carry the conversation of the one before.',
  how: 'What requests after a finished task carried along of the conversation before it, beyond the first prompt of the session, at the price paid for it; at most, since a new task may need some of it.',
  thresholds: [
    {
      name: 'pause_after_commit',
      value: LANDED_PAUSE_MINUTES,
      unit: 'minutes',
      reason: 'A prompt so long after a commit or pull request begins something new; one right after it often corrects it.',
    },
    { name: 'pause_overnight', value: NIGHT_HOURS, unit: 'hours', reason: 'A working day has ended.' },
    { name: 'tokens_min', value: TOKENS_MIN, unit: 'tokens', reason: 'Less costs about a cent for each request, or under it.' },
  ],
  find: (course, known) => beginningsOf(course).flatMap((beginning, index, all) => momentOf(beginning, all[index + 1], course, known)),
  words: (moments) =>
    `${counted(moments.length, 'task')} begun in an old conversation of up to ${short(Math.max(...moments.map(({ tokens = 0 }) => tokens)))} tokens`,
};

/** Prompts that begin a task: the first after a commit or pull request and a pause, or after a night. */
function beginningsOf({ main, promptsMs, landedMs }: UserCourse): readonly number[] {
  let sinceMs = Number.NEGATIVE_INFINITY;
  return promptsMs.filter((atMs) => {
    const last = main.findLast(({ timeMs }) => timeMs <= atMs);
    if (last === undefined) return false;
    const pauseMs = atMs - last.timeMs;
    const hasLanded = landedMs.some((landed) => landed > sinceMs && landed <= atMs);
    const begins = pauseMs >= NIGHT_HOURS * HOUR_MS || (hasLanded && pauseMs >= LANDED_PAUSE_MINUTES * MINUTE_MS);
    if (begins) sinceMs = atMs;
    return begins;
  });
}

function momentOf(atMs: number, nextMs: number | undefined, course: UserCourse, { prices }: Known): Moment[] {
  const { main, isWhole } = course;
  const last = main.findLast(({ timeMs }) => timeMs <= atMs);
  const began = main[0]?.prompt ?? 0;
  if (last === undefined || last.prompt - began < TOKENS_MIN) return [];
  const requests = carryingAfter(last, untilCompaction(course, last, atMs, nextMs));
  if (requests.length === 0) return [];
  const claims = requests.map((request) => (isWhole ? carriedBy(request, began, last.prompt, prices) : ({ request, saved: 'beginning' } as const)));
  return [{ atMs, claims, tokens: last.prompt }];
}

/** What follows the prompt, up to the next task, in the leg of the conversation that the last request before it is in. */
function untilCompaction(course: UserCourse, last: CourseRequest, atMs: number, nextMs = Number.POSITIVE_INFINITY): readonly CourseRequest[] {
  const leg = legsOf(course).find(({ main }) => main.includes(last));
  return (leg?.main ?? []).filter(({ timeMs }) => timeMs > atMs && timeMs <= nextMs);
}
