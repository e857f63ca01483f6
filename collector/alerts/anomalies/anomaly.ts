/**
 * What is unusual, measured by a scope's own past: its spend at the same weekday and hour, a session against other sessions, a model
 * nobody used before, a prompt cache that no longer helps, telemetry that stopped. Each is a sentence with its figures.
 * docs/budgets.md has the rules.
 */

import type { Severity } from '../../budgets/status.ts';
import type { AnomalyKind } from '../../catalog/alert-names.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import { PICO_PER_USD, type PicoUsd } from '../../core/money.ts';
import type { LedgerSnapshot } from '../../ledger/ledger.ts';

export interface Anomaly {
  readonly kind: AnomalyKind;
  /** A dimension of the catalog, "session", or '' for everything; the value as stored. */
  readonly scope: { readonly dimension: string; readonly value: string };
  readonly severity: Severity;
  /** Since when, epoch milliseconds. */
  readonly atMs: number;
  /** One sentence: what was seen, the likely cause, the figures. */
  readonly words: string;
  /** Money as decimal strings in USD, everything else as numbers. */
  readonly figures: Readonly<Record<string, string | number>>;
}

export interface AnomalyContext {
  readonly reader: Pick<LedgerSnapshot, 'query' | 'sessions' | 'status'>;
  readonly calendar: CalendarOptions;
  readonly nowMs: number;
  readonly limits?: Partial<AnomalyLimits>;
}

/** Below these nothing is said, however unusual it is. */
export interface AnomalyLimits {
  /** Spend beyond what is usual, of a user, workspace or team. */
  readonly spend: PicoUsd;
  /** Cost of a session. */
  readonly session: PicoUsd;
  /** Input tokens of a team on one day. */
  readonly cacheTokens: bigint;
}

export const LIMITS: AnomalyLimits = { spend: 25n * PICO_PER_USD, session: 20n * PICO_PER_USD, cacheTokens: 2_000_000n };
/** Of each kind: when everything is unusual, the most severe are reported. */
export const EACH_MAX = 50;

/** What a finder gets: every limit is set. */
export interface Finding extends Omit<AnomalyContext, 'limits'> {
  readonly limits: AnomalyLimits;
}
