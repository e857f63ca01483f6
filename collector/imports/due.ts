/** When an import on a schedule is to be run, by what is kept of its last runs. */
import { HOUR_MS, MINUTE_MS } from '../core/duration.ts';
import { dayAt } from './days.ts';
import type { ImportRun } from './statements.ts';

/** One that failed is tried again so much later. */
const AGAIN_MS = 15 * MINUTE_MS;
/** One that has not ended by then was killed. */
const KILLED_MS = HOUR_MS;

/** So many are looked at: beyond them the import is run once more than it has to be. */
export const RUNS_LOOKED_AT = 50;

/** Up to the day that went on then, as the schedule reads: somebody who brings older days has not done its work. */
const isUpToDate = ({ range, startedMs }: ImportRun): boolean => range.to >= dayAt(startedMs);

/** `runs`: the newest first. `nextDueMs`: the first time of the schedule after an instant. */
export function isDue(runs: readonly ImportRun[], nextDueMs: (afterMs: number) => number | undefined, nowMs: number): boolean {
  const run = runs.find(isUpToDate);
  if (run === undefined || run.outcome === 'stopped') return true;
  if (run.outcome === 'failed') return nowMs - (run.endedMs ?? run.startedMs) >= AGAIN_MS;
  if (run.outcome === 'running') return nowMs - run.startedMs >= KILLED_MS;
  const next = nextDueMs(run.startedMs);
  return next !== undefined && next <= nowMs;
}
