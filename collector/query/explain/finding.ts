/** What a finding is made of, and when something is one. */

import type { PicoUsd } from '../../core/money.ts';
import { shareOf as shareOrNull } from '../totals.ts';
import type { AdviceCode } from './advice.ts';

export const FINDING_CODES = [
  'largest_sessions',
  'unusual_users',
  'more_requests',
  'high_request_rate',
  'automation',
  'large_inputs',
  'long_prompt_price',
  'long_conversations',
  'cache_misses',
  'pauses_beyond_cache',
  'model_changed',
  'client_version_changed',
  'higher_effort',
  'fast_mode',
  'subagents',
  'auxiliary',
  'web_search',
  'failed_requests',
  'unbilled_attempts',
  'unallocated',
  'unpriced',
  'not_at_list_price',
  'held_back',
] as const;
export type FindingCode = (typeof FINDING_CODES)[number];

/** A figure that shows it, beside what is normal, and whom or what it is about. Values as shown. */
export interface Evidence {
  /** For people: one line. */
  readonly text: string;
  readonly figure?: string;
  readonly value?: number;
  /** The median of the days before, unless the text says otherwise. */
  readonly normal?: number;
  readonly cost?: PicoUsd;
  /** What that is usually. */
  readonly normalCost?: PicoUsd;
  readonly sessionId?: string;
  readonly user?: string;
  readonly model?: string;
  readonly clientVersion?: string;
  readonly atMs?: number;
}

export interface Found {
  readonly code: FindingCode;
  /** A sentence with the figures that matter. */
  readonly title: string;
  /** Up to so much of the cost is due to it. */
  readonly explains: PicoUsd;
  /** False: a sum over the ledger. True: what it would have cost otherwise is not known, but calculated. */
  readonly isEstimated: boolean;
  readonly evidence: readonly Evidence[];
  readonly advice: readonly AdviceCode[];
}

/** Less of the cost is not worth a reader's time. */
export const MIN_SHARE = 0.03;

/** A share that is large in any case, or large enough and far beyond what it was; shares from 0 to 1. */
export const standsOut = (
  share: number,
  before: number | undefined,
  { large, notable }: { readonly large: number; readonly notable: number },
): boolean => share >= large || (share >= notable && share >= 1.5 * (before ?? 0));

/** An estimated amount in pico-dollars as money. */
export const estimated = (amount: number): PicoUsd => (amount > 0 && Number.isFinite(amount) ? BigInt(Math.round(amount)) : 0n);

/** 0 to 1; of nothing, 0. */
export const shareOf = (part: bigint, whole: bigint): number => shareOrNull(part, whole) ?? 0;
