/** When an import on a schedule is to be run, by what is kept of its last run. */
import { HOUR_MS, MINUTE_MS } from '../core/duration.ts';
import type { ImportRun } from './statements.ts';

/** One that failed is tried again so much later. */
const AGAIN_MS = 15 * MINUTE_MS;
/** One that has not ended by then was killed. */
const KILLED_MS = HOUR_MS;

/** `nextDueMs`: the first time of the schedule after an instant. */
export function isDue(run: ImportRun | undefined, nextDueMs: (afterMs: number) => number | undefined, nowMs: number): boolean {
  if (run === undefined || run.outcome === 'stopped') return true;
  if (run.outcome === 'failed') return nowMs - (run.endedMs ?? run.startedMs) >= AGAIN_MS;
  if (run.outcome === 'running') return nowMs - run.startedMs >= KILLED_MS;
  const next = nextDueMs(run.startedMs);
  return next !== undefined && next <= nowMs;
}
