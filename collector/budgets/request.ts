/**
 * A request for more budget: what was asked, by whom, and what became of it. Kept as entries of the journal that never change; its state
 * follows from them and from the time. What may be asked and decided is in request-change.ts.
 */
import type { BudgetUnit } from './status.ts';

export type RequestState = 'open' | 'approved' | 'denied' | 'withdrawn' | 'removed' | 'expired';

export interface RequestDecision {
  /** removed: the budget is no more, and its requests went with it. */
  readonly what: Exclude<RequestState, 'open' | 'expired'>;
  readonly who: string;
  readonly atMs: number;
  /** Of a denial. */
  readonly why: string | undefined;
  /** Of an approval: by how much the budget was raised. */
  readonly amount: bigint | undefined;
}

export interface BudgetRequest {
  readonly id: number;
  /** Key of the status to be raised: a budget's name, or "name/member". */
  readonly key: string;
  /** Pico-dollars, or tokens. */
  readonly amount: bigint;
  readonly unit: BudgetUnit;
  /** When the raise is to end, epoch milliseconds. */
  readonly untilMs: number;
  readonly why: string;
  /** Who asks, as the ledger stores the user. */
  readonly user: string;
  /** What proved it, as in the audit. */
  readonly who: string;
  readonly atMs: number;
  /** From then on it can be approved no more. */
  readonly expiresMs: number;
  /** Undefined while there is none. */
  readonly decision: RequestDecision | undefined;
}

export type NewRequest = Omit<BudgetRequest, 'id' | 'who' | 'atMs' | 'decision'>;

export interface RequestsAsked {
  /** Undefined: everybody's. */
  readonly user?: string | undefined;
  /** Only those with a greater id. */
  readonly afterId?: number;
  /** Only those made after this instant. */
  readonly sinceMs?: number;
  readonly limit: number;
}

/** An entry that made a request, or ended it; the removal of a budget ends all that are open for it. */
export interface RequestNews {
  readonly entry: number;
  readonly what: 'made' | 'ended';
  /** Undefined: a budget was removed for which nothing was asked. */
  readonly request: number | undefined;
}

export const stateOf = ({ decision, expiresMs }: BudgetRequest, nowMs: number): RequestState =>
  decision?.what ?? (nowMs < expiresMs ? 'open' : 'expired');
