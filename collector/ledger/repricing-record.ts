/** What is kept of a repricing that was applied. Money as decimal strings in USD, signed: by how much figures moved. */

/** What of one model and team changed. Values as stored. */
export interface RepricedShare {
  readonly model: string;
  readonly team: string;
  readonly list: string;
  readonly contracted: string;
  readonly uncertain: string;
  /** Of the booked cost, as far as it is estimated from list price. */
  readonly cost: string;
  readonly unpricedTokens: number;
}

export interface RepricingOutcome {
  /** Entries that were looked at. */
  readonly entries: number;
  /** Adjustments: one for each session, quarter of an hour and dimensions that were off. */
  readonly corrections: number;
  /** By model, then by team. */
  readonly shares: readonly RepricedShare[];
  /** What could not be repriced, since its entries were removed because of their age. */
  readonly beyond: { readonly sessions: number; readonly list: string; readonly unpricedTokens: number };
  /** False where it was broken off. */
  readonly isWhole: boolean;
}

export interface AskedRepricing {
  /** Inclusive, epoch milliseconds. */
  readonly fromMs?: number | undefined;
  /** Exclusive. */
  readonly toMs?: number | undefined;
  readonly models?: readonly string[] | undefined;
}

export interface AppliedRepricing {
  readonly id: number;
  readonly startedMs: number;
  /** Undefined while it runs, and where the collector ended meanwhile. */
  readonly endedMs: number | undefined;
  /** As in the audit of budgets. */
  readonly who: string;
  /** Digest of the prices. */
  readonly book: string;
  readonly asked: AskedRepricing;
  readonly outcome: RepricingOutcome | undefined;
}

/** Without an id, one that begins. */
export type NotedRepricing = Omit<AppliedRepricing, 'id'> & { readonly id?: number };
