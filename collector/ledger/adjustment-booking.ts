/** Posts new adjustments of a session: to the sums, to what the session cost, and to what it cost in each of its places. */
import { postAdjustment } from './adjustments.ts';
import type { DimensionSets } from './dimension-sets.ts';
import type { QuarterSums } from './quarter-sums.ts';
import { markEnds } from './session-booking.ts';
import type { SessionState } from './session-memory.ts';
import { addPosting, noCost, type SessionShares } from './session-shares.ts';
import type { IncomingEntry, SessionCost } from './tables.ts';

interface Books {
  readonly sums: QuarterSums;
  readonly shares: SessionShares;
  readonly dims: DimensionSets;
}

/** Posts what is new of a session's adjustments. Answers the other entries. */
export function bookAdjustments(state: SessionState, fresh: IncomingEntry[], { sums, shares, dims }: Books): IncomingEntry[] {
  const adjustments = fresh.filter(({ isAdjustment }) => isAdjustment === true);
  if (adjustments.length === 0) return fresh;
  const costs = new Map<number, SessionCost>();
  for (const entry of adjustments) {
    markEnds(state, entry, sums, dims);
    const posting = postAdjustment(entry);
    sums.add(posting);
    addPosting(state, posting, 1n);
    addPosting(costs.getOrInsertComputed(posting.dims, noCost), posting, 1n);
  }
  if (state.isShared) shares.book(state, costs);
  return fresh.filter(({ isAdjustment }) => isAdjustment !== true);
}
