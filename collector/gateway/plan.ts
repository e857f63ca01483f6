/** What differs between the limits that a gateway should have and those it has. */
import type { WantedLimit } from './desired.ts';
import { isSameLimit, type ListedLimit, type Listing, limitKey } from './limits.ts';
import type { Ownership } from './records.ts';

/**
 * `keep`: already so. `adopt`: already so, and from now on ours. `foreign`: somebody else set another amount, which stays. `leftover`: ours, no
 * longer wanted, and kept without --prune.
 */
export type PlanAction = 'create' | 'change' | 'remove' | 'adopt' | 'keep' | 'foreign' | 'leftover';

export interface PlanStep {
  readonly action: PlanAction;
  readonly current: ListedLimit | undefined;
  readonly wanted: WantedLimit | undefined;
  /** What somebody should know about it; '' where there is nothing. */
  readonly note: string;
}

export interface Plan {
  readonly steps: readonly PlanStep[];
  /** Limits for others than our budgets, set by others. */
  readonly untouched: number;
  /** Which pool pays for a user in several groups; undefined where the gateway does not say. */
  readonly conflictRule: string | undefined;
}

export interface PlanChoices {
  /** Remove limits that were set from here and are no longer wanted. */
  readonly prune: boolean;
  /** Take over limits that somebody else set. */
  readonly adopt: boolean;
}

export function planOf(wanted: readonly WantedLimit[], { limits: listed, conflictRule }: Listing, own: Ownership, choices: PlanChoices): Plan {
  const current = new Map(listed.map((limit) => [limitKey(limit), limit]));
  const steps = wanted.map((limit) => stepFor(limit, current.get(limitKey(limit)), own, choices));
  const keys = new Set(wanted.map(limitKey));
  const others = listed.filter((limit) => !keys.has(limitKey(limit)));
  const left = others.flatMap((limit) => leftoverOf(limit, own, choices));
  return {
    steps: [...steps, ...left],
    untouched: others.length - left.length,
    conflictRule,
  };
}

/** Steps that change something at the gateway, or here. */
export const isToDo = ({ action }: PlanStep): boolean => ['create', 'change', 'remove', 'adopt'].includes(action);

/** Steps that say that the gateway does not have what it should. */
export const isDrift = ({ action }: PlanStep): boolean => action !== 'keep' && action !== 'adopt';

function stepFor(wanted: WantedLimit, current: ListedLimit | undefined, own: Ownership, { adopt }: PlanChoices): PlanStep {
  if (current === undefined) return { action: 'create', current, wanted, note: '' };
  const owned = own.of(current);
  if (isSameLimit(wanted, current)) {
    const isAdopted = owned === undefined && adopt;
    return { action: isAdopted ? 'adopt' : 'keep', current, wanted, note: owned === undefined ? 'set by somebody else' : pauseNote(current) };
  }
  if (owned === undefined && !adopt) return { action: 'foreign', current, wanted, note: 'set by somebody else; --adopt takes it over' };
  const isChanged = owned !== undefined && !isSameLimit(owned.set, current);
  return { action: 'change', current, wanted, note: isChanged ? 'changed at the gateway since it was set' : pauseNote(current) };
}

const pauseNote = ({ pool }: ListedLimit): string => (pool?.isPaused === true ? 'the pool is paused at the gateway, and stays so' : '');

function leftoverOf(current: ListedLimit, own: Ownership, { prune }: PlanChoices): PlanStep[] {
  const owned = own.of(current);
  if (owned === undefined) return [];
  const step = { current, wanted: undefined };
  if (!isSameLimit(owned.set, current))
    return [{ ...step, action: 'leftover', note: 'no longer wanted, but changed at the gateway since it was set; remove it there' }];
  return [prune ? { ...step, action: 'remove', note: '' } : { ...step, action: 'leftover', note: 'no longer wanted; --prune removes it' }];
}
