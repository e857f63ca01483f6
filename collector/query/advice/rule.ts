/** What a rule is: it finds moments at which money could have been saved, and says of each request how much. */
import type { PicoUsd } from '../../core/money.ts';
import type { PriceBook } from '../../pricing/price-book.ts';
import type { CourseRequest } from '../explain/courses.ts';
import type { UserCourse } from './course.ts';

export const RULE_CODES = ['cache_rebuilds', 'late_compaction', 'tasks_without_clear', 'smaller_model', 'background'] as const;
export type RuleCode = (typeof RULE_CODES)[number];

/** Why an amount is not known. */
export const UNKNOWN = {
  price: 'The model has no list price.',
  compaction: 'No compaction of the user with requests before and after it was read, so how far one shrinks the prompt is not known.',
  beginning: 'The first records of the session were removed because of their age, so how it began is not known.',
} as const;
export type Unknown = keyof typeof UNKNOWN;

/** What of one request would have been saved. */
export interface Claim {
  readonly request: CourseRequest;
  readonly saved: PicoUsd | Unknown;
}

/** Once that it happened. Its figures are for words alone. */
export interface Moment {
  readonly atMs: number;
  readonly claims: readonly Claim[];
  readonly tokens?: number;
  readonly pauseMs?: number;
  readonly model?: string;
}

/** What a rule knows beside the course. */
export interface Known {
  readonly prices: PriceBook;
  /** To how many tokens compactions shrank the user's prompts, the median; undefined where none was seen. */
  readonly compactedTo: number | undefined;
}

/** From when on something is worth saying, and why from there. */
export interface Threshold {
  readonly name: string;
  readonly value: number;
  readonly unit: 'tokens' | 'requests' | 'minutes' | 'hours' | 'usd';
  readonly reason: string;
}

export interface Rule {
  readonly code: RuleCode;
  readonly title: string;
  /** One sentence each. */
  readonly advice: string;
  readonly how: string;
  readonly thresholds: readonly Threshold[];
  /** Pure: what the course alone decides, and what is known of its user. */
  readonly find: (course: UserCourse, known: Known) => readonly Moment[];
  /** The moments of one session in a few words. */
  readonly words: (moments: readonly Moment[]) => string;
}
