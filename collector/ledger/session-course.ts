/** The course of one session: what it booked, record by record. */
import { DIMENSION_NAMES, type DimensionName } from '../catalog/measures.ts';
import type { Filter } from '../catalog/values.ts';
import { inTimeOrder, type Posting } from './booking.ts';
import type { HistoryItem } from './history.ts';
import { bookBeside, type Company } from './pools.ts';

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

/**
 * What a record adds depends on those before it, so the whole session is booked, whatever is asked of it: of `items`, its entries and adjustments
 * in any order. `dimensionsOf`: by number; undefined of what is not within.
 */
export function stepsOf(
  items: readonly HistoryItem[],
  company: Company,
  { fromMs = 0, toMs = Number.POSITIVE_INFINITY }: Pick<CourseQuery, 'fromMs' | 'toMs'>,
  dimensionsOf: (dims: number) => StepDimensions | undefined,
): CourseStep[] {
  const steps: CourseStep[] = [];
  for (const posting of bookBeside(items.toSorted(inTimeOrder), company)) {
    if (posting.timeMs < fromMs || posting.timeMs >= toMs) continue;
    const dims = dimensionsOf(posting.dims);
    if (dims !== undefined) steps.push({ ...posting, dims });
  }
  return steps;
}

/** Of a row that has them as columns; undefined where they are not within. */
export function stepDimensions(row: Readonly<Record<string, unknown>>, within: readonly Filter[]): StepDimensions | undefined {
  // The columns are the catalog's names.
  const dims = Object.fromEntries(DIMENSION_NAMES.map((name) => [name, String(row[name] ?? '')])) as StepDimensions;
  return within.every(({ dimension, values }) => values.includes(dims[dimension])) ? dims : undefined;
}
