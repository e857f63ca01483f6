/** How large a conversation was when it was compacted, and how large afterwards. */
import type { CourseRequest } from '../explain/courses.ts';
import { median } from '../explain/normal.ts';
import { isCompaction, type UserCourse } from './course.ts';

/** What of a conversation lies between two compactions. */
export interface Leg {
  readonly main: readonly CourseRequest[];
  /** When it was compacted; undefined of the last one. */
  readonly endMs: number | undefined;
}

export function legsOf({ main, compactionsMs }: UserCourse): readonly Leg[] {
  const ends = [...compactionsMs, undefined];
  return ends.map((endMs, index) => {
    const fromMs = compactionsMs[index - 1] ?? Number.NEGATIVE_INFINITY;
    return { main: main.filter(({ timeMs }) => timeMs > fromMs && timeMs <= (endMs ?? Number.POSITIVE_INFINITY)), endMs };
  });
}

export interface Compaction {
  readonly atMs: number;
  /** Tokens of the prompt that was summarized, or of the last one before, where the client does not report that request. */
  readonly before: number;
  /** Of the first prompt afterwards. */
  readonly after: number;
}

/** Those with a request before and after them. */
export function compactionsOf(course: UserCourse): readonly Compaction[] {
  const legs = legsOf(course);
  return legs.flatMap(({ main, endMs }, index) => {
    const last = main.at(-1);
    const next = legs[index + 1]?.main[0];
    if (endMs === undefined || last === undefined || next === undefined) return [];
    const summary = course.requests.findLast((request) => isCompaction(request) && request.timeMs > last.timeMs && request.timeMs <= endMs);
    return [{ atMs: endMs, before: summary?.prompt ?? last.prompt, after: next.prompt }];
  });
}

/** The median of the prompts afterwards, in whole tokens; undefined of none. */
export function compactedTo(courses: readonly UserCourse[]): number | undefined {
  const sizes = courses.flatMap((course) => compactionsOf(course).map(({ after }) => after));
  const size = median(sizes);
  return size === undefined ? undefined : Math.ceil(size);
}
