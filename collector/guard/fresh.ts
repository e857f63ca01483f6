/** How long an answer may be used again: shorter where the next one may be another. */
import type { Decision, GuardFacts } from './decide.ts';

const USUAL_SECONDS = 15;
/** A raise should be felt soon. */
const STOPPED_SECONDS = 10;
const NEAR_SECONDS = 5;
const NEAR = 0.8;

export function freshForSeconds(
  decision: Decision,
  { budgets, cost, recent, limits: { stop } }: Pick<GuardFacts, 'budgets' | 'cost' | 'recent' | 'limits'>,
): number {
  if (decision === 'stop') return STOPPED_SECONDS;
  const isNearLimit = cost !== undefined && stop !== undefined && cost * 5n >= stop * 4n;
  const isFast = budgets.some(({ unit, remaining }) => unit === 'usd' && recent !== undefined && recent * 2n >= remaining);
  return isNearLimit || isFast || budgets.some(({ usedRatio }) => usedRatio >= NEAR) ? NEAR_SECONDS : USUAL_SECONDS;
}
