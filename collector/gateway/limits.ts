/** Spend limits as a gateway has them: for a scope and a period, in whole cents. */
import { PICO_PER_USD, type PicoUsd } from '../core/money.ts';

const PICO_PER_CENT = PICO_PER_USD / 100n;

/** `type` is an open set: those of other kinds are listed and never touched. `id` is '' where the scope is the whole organization. */
export interface LimitScope {
  readonly type: string;
  readonly id: string;
}

/** One amount that all members of a group share, beside the amount of each of them. */
export interface Pool {
  /** Null: no limit. */
  readonly cents: bigint | null;
  readonly isPaused: boolean;
}

export interface SpendLimit {
  readonly scope: LimitScope;
  /** "daily", "weekly", "monthly"; an open set, too. */
  readonly period: string;
  /** Of one user, or of each member of a group. Null: no limit. */
  readonly cents: bigint | null;
  readonly pool: Pool | undefined;
}

/** As the gateway lists it. */
export interface ListedLimit extends SpendLimit {
  readonly id: string;
}

export interface Listing {
  readonly limits: readonly ListedLimit[];
  /** Which pool pays for a user in several groups; undefined where the gateway does not say. */
  readonly conflictRule: string | undefined;
}

/** A gateway has one limit for each. */
export const limitKey = ({ scope, period }: Pick<SpendLimit, 'scope' | 'period'>): string => JSON.stringify([scope.type, scope.id, period]);

/** Whether a pool is paused is for its administrator to decide, and makes no difference here. */
export const isSameLimit = (one: SpendLimit, other: SpendLimit): boolean =>
  limitKey(one) === limitKey(other) &&
  one.cents === other.cents &&
  (one.pool === undefined) === (other.pool === undefined) &&
  one.pool?.cents === other.pool?.cents;

/** Rounded down, so that a gateway never allows more than the budget. */
export const wholeCents = (amount: PicoUsd): bigint => amount / PICO_PER_CENT;

export const isWholeCents = (amount: PicoUsd): boolean => amount % PICO_PER_CENT === 0n;

export const picoOfCents = (cents: bigint): PicoUsd => cents * PICO_PER_CENT;
