/** When an import on a schedule is to be run, by what is kept of its last runs. */
import { HOUR_MS, MINUTE_MS } from '../core/duration.ts';
import { dayAt, daysAfter } from './days.ts';
import type { ImportRun } from './statements.ts';

/** One that failed is tried again so much later. */
const AGAIN_MS = 15 * MINUTE_MS;
/** One that has not ended by then was killed. */
const KILLED_MS = HOUR_MS;

/** So many are looked at: beyond them the import is run once more than it has to be. */
export const RUNS_LOOKED_AT = 50;

/** Of an entry of the configuration. */
export interface Schedule {
  /** The first time of it after an instant. */
  readonly nextDueMs: (afterMs: number) => number | undefined;
  /** So many days back it reads: daysRead. */
  readonly daysRead: number;
}

/** As the schedule reads: somebody who brings older days, or the last few alone, has not done its work. */
function isAsScheduled({ range, startedMs }: ImportRun, { daysRead }: Schedule): boolean {
  const today = dayAt(startedMs);
  return range.to >= today && range.from <= daysAfter(today, -daysRead);
}

/** `runs`: the newest first. */
export function isDue(runs: readonly ImportRun[], schedule: Schedule, nowMs: number): boolean {
  const run = runs.find((one) => isAsScheduled(one, schedule));
  if (run === undefined || run.outcome === 'stopped') return true;
  if (run.outcome === 'failed') return nowMs - (run.endedMs ?? run.startedMs) >= AGAIN_MS;
  if (run.outcome === 'running') return nowMs - run.startedMs >= KILLED_MS;
  const next = schedule.nextDueMs(run.startedMs);
  return next !== undefined && next <= nowMs;
}
