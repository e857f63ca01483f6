/**
 * What the ledger and the configuration say about a budget at an instant: the type between evaluation (evaluate.ts), REST, /metrics, the
 * alerts and the notifications. Money is bigint pico-dollars, tokens are bigint counts; instants are epoch milliseconds.
 */

import type { MeasureName } from '../catalog/measures.ts';
import type { Filter } from '../catalog/values.ts';
import type { TimeRange } from '../core/time-range.ts';

export type Severity = 'info' | 'warning' | 'critical';

/** What an amount is measured in: booked cost, or booked tokens of named classes. */
export type BudgetUnit = 'usd' | 'tokens';

export interface ThresholdStatus {
  /** Share of the amount, such as 0.8. */
  readonly at: number;
  readonly on: 'actual' | 'forecast';
  readonly severity: Severity;
  /** actual: spent >= at × amount. forecast: the p50 to the period's end >= at × amount. False while there is no forecast. */
  readonly reached: boolean;
}

/** To the period's end, from the ledger's own history. With too little of it there is a reason and no number. */
export type Forecast =
  | {
      readonly kind: 'band';
      /** Expected spend of the whole period: half, and nine of ten, of the outcomes lie below. Never less than what is spent. */
      readonly p50: bigint;
      readonly p90: bigint;
      /** When the amount is expected to be used up (p50); undefined when it is not within the period, or already is. */
      readonly breachMs: number | undefined;
      /** Whole days of history it rests on. */
      readonly historyDays: number;
    }
  | { readonly kind: 'none'; readonly reason: string };

export interface BudgetStatus {
  /** Unique: the budget's name, or "name/member" for one member of a budget per member. Label and key everywhere. */
  readonly key: string;
  readonly name: string;
  /** "team=platform", "team=platform, user=ada@example.com" or "everything". */
  readonly scope: string;
  /** The same as the ledger asks it. */
  readonly where: readonly Filter[];
  /** "month", "rolling 30 days", "2026-11-01 to 2026-12-01" …: as people read it. */
  readonly period: string;
  /** The start belongs to the period, the end does not. */
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  readonly timeZone: string;
  readonly unit: BudgetUnit;
  /** Amount that holds at the instant: base (dated) + rolledOver + raised. */
  readonly limit: bigint;
  readonly base: bigint;
  readonly rolledOver: bigint;
  readonly raised: bigint;
  /** When a raise of it last ended, epoch milliseconds; undefined when none has. */
  readonly raiseEndedMs: number | undefined;
  readonly spent: bigint;
  /** limit - spent; negative when overspent. */
  readonly remaining: bigint;
  /** spent / limit, cut (never rounded up) after nine decimals, so that it never reaches a threshold early. Infinity when the limit is 0 and something was spent. */
  readonly usedRatio: number;
  readonly thresholds: readonly ThresholdStatus[];
  readonly forecast: Forecast;
  /** Is spending beyond the amount to be stopped (hard_limit)? */
  readonly hardLimit: boolean;
  /** hardLimit and spent >= limit: the guard refuses work in this scope. */
  readonly stopped: boolean;
  /** A warning for each single session that costs this much; undefined: none. */
  readonly sessionWarning: bigint | undefined;
  /** Who is notified: routing label of the alerts; '' when the scope names no team. */
  readonly team: string;
  /** Parent's key in a nested budget. */
  readonly parent: string | undefined;
  /** When the ledger last committed; undefined when it is empty. */
  readonly asOfMs: number | undefined;
  /** Is the instant within the period? False only before and after a period of once, where nothing is reached or stopped. */
  readonly active: boolean;
  /** What is added up: cost, or the classes of tokens. */
  readonly measures: readonly MeasureName[];
  /** The period before, to compare with; undefined for a period of once. */
  readonly previous: Required<TimeRange> | undefined;
  /** What of a shared amount is set aside for members; undefined when nothing is. */
  readonly allocation: Allocation | undefined;
}

/** A shared amount, parts of which are set aside for members. */
export interface Allocation {
  /** Sum of the members' amounts, never more than the budget's. */
  readonly allocated: bigint;
  /** base - allocated: for everybody in the scope. */
  readonly rest: bigint;
  /** What was spent in the scope by those without an amount of their own. */
  readonly restSpent: bigint;
}

/** One of the largest parts of a budget's spend, with its change. */
export interface Contributor {
  readonly dimension: 'user' | 'workspace' | 'model';
  readonly value: string;
  readonly spent: bigint;
  /** Of the budget's spend, 0 to 1. */
  readonly share: number;
  /** The same elapsed part of the period before; undefined when there is none, or the ledger does not know all of it. */
  readonly previous: bigint | undefined;
}
