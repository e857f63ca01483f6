/** The course of one session: what it booked, record by record. */
import type { DimensionName } from '../catalog/measures.ts';
import type { Filter } from '../catalog/values.ts';
import type { Posting } from './booking.ts';

export interface CourseQuery {
  /** Inclusive, to the millisecond. Omitted: since the beginning. */
  readonly fromMs?: number | undefined;
  /** Exclusive. Omitted: without end. */
  readonly toMs?: number | undefined;
  /** Only what was booked under these values. Omitted: everything. */
  readonly within?: readonly Filter[] | undefined;
  /** A session of more records is not read. */
  readonly recordsMax: number;
}

/** Values as stored; '' is not known. */
export type StepDimensions = Readonly<Record<DimensionName, string>>;

/** What one record booked. Most are requests (amounts.requests is 1); others are what metrics report beyond them, prompts, tools, errors. */
export type CourseStep = Posting<StepDimensions>;

export interface SessionCourse {
  /** As stored. */
  readonly sessionId: string;
  /** Oldest first; undefined where the session has more records than were to be read. */
  readonly steps: readonly CourseStep[] | undefined;
  /** Are there records that were removed because of their age? Then it is not the whole course. */
  readonly hasRemoved: boolean;
}
