/** What a transaction of the engine has come to so far. */
import type { DimensionSets } from './dimension-sets.ts';
import { MinuteRates } from './minute-rates.ts';
import type { Minutes } from './people-seen.ts';
import { QuarterSums } from './quarter-sums.ts';
import type { SessionState } from './session-memory.ts';
import { SessionShares } from './session-shares.ts';
import type { Counter, IncomingEntry } from './tables.ts';

export interface Draft {
  readonly sums: QuarterSums;
  readonly sessions: Set<SessionState>;
  /** Numbers of sessions that were not there before. */
  readonly made: Set<number>;
  /** Entries from before what their session still has. */
  readonly expired: Set<IncomingEntry>;
  /** Entries for which their session could not be booked again. */
  readonly heldBack: Set<IncomingEntry>;
  /** New stand-ins with an event that is there. */
  readonly covered: Set<IncomingEntry>;
  readonly minutes: MinuteRates;
  readonly people: Map<number, Minutes>;
  readonly shares: SessionShares;
  readonly counters: Map<Counter, number>;
}

export const newDraft = (dims: DimensionSets): Draft => ({
  sums: new QuarterSums(),
  sessions: new Set(),
  made: new Set(),
  expired: new Set(),
  heldBack: new Set(),
  covered: new Set(),
  minutes: new MinuteRates(dims),
  people: new Map(),
  shares: new SessionShares(dims),
  counters: new Map(),
});

export function count({ counters }: Draft, counter: Counter, amount: number): void {
  if (amount !== 0) counters.set(counter, (counters.get(counter) ?? 0) + amount);
}
