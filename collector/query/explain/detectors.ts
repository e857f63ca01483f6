/** Everything that is looked for. Each says on its own what it explains; they overlap. */
import { cacheMisses, pausesBeyondCache } from './cache.ts';
import { clientVersionChanged, higherEffort, modelChanged } from './changes.ts';
import type { Facts } from './facts.ts';
import { type Found, MIN_SHARE, shareOf } from './finding.ts';
import { largeInputs, longConversations, longPromptPrice } from './inputs.ts';
import { automation, highRequestRates, moreRequests } from './pace.ts';
import { fastMode, partsOfCost } from './parts.ts';
import { notAtListPrice } from './price-basis.ts';
import { failedRequests, heldBack, unallocated, unbilledAttempts, unpriced } from './quality.ts';
import { largestSessions, unusualUsers } from './who.ts';

const DETECTORS: readonly ((facts: Facts) => Found[])[] = [
  ...[largestSessions, unusualUsers, moreRequests, highRequestRates, automation],
  ...[largeInputs, longPromptPrice, longConversations, cacheMisses, pausesBeyondCache],
  ...[modelChanged, clientVersionChanged, higherEffort, fastMode, partsOfCost],
  ...[failedRequests, unbilledAttempts, unallocated, unpriced, notAtListPrice, heldBack],
];

/** What explains nothing by itself is said all the same. */
const isWorthSaying = ({ explains }: Found, total: bigint): boolean => explains === 0n || shareOf(explains, total) >= MIN_SHARE;

/** Those that explain most first. None claims more than there is. */
export function findAll(facts: Facts): Found[] {
  const total = facts.now.sum('cost');
  return DETECTORS.flatMap((detect) => detect(facts))
    .map((found) => (found.explains > total ? { ...found, explains: total } : found))
    .filter((found) => isWorthSaying(found, total))
    .toSorted((a, b) => (a.explains === b.explains ? 0 : a.explains < b.explains ? 1 : -1));
}
