/** Time ranges of whole days in UTC: providers bill by them, so no other zone can be compared with a bill. */
import type { Config } from '../config/config.ts';
import { DAY_MS } from '../core/duration.ts';
import { RANGE_SHAPES, type Range, readRange } from './compared-range.ts';
import { badParameter, type Parameters } from './parameters.ts';

const { tz: _, ...shapes } = RANGE_SHAPES;
export const UTC_RANGE_SHAPES = shapes;

/** What is asked is answered day by day: so many at once. */
const DAYS_MAX = 400;

/** Widened to whole days. Throws `invalid` that names the parameter for more than 400 of them. */
export function readUtcDays(
  parameters: Parameters,
  { config, nowMs }: { readonly config: Pick<Config, 'week_start'>; readonly nowMs: number },
): Range {
  const asked = readRange(parameters, { timeZone: 'UTC', weekStart: config.week_start }, nowMs);
  const range = { fromMs: Math.floor(asked.fromMs / DAY_MS) * DAY_MS, toMs: Math.ceil(asked.toMs / DAY_MS) * DAY_MS };
  if (range.toMs - range.fromMs <= DAYS_MAX * DAY_MS) return range;
  throw badParameter('from', parameters.get('from') ?? '', `is more than ${DAYS_MAX} days before the end`, `Ask for at most ${DAYS_MAX} days.`);
}
