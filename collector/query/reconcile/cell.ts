/**
 * What is reconciled: one day (UTC), workspace, model and biller, with what telemetry and the provider's own records say of it. Money is in
 * pico-dollars. Pure data, made by telemetry.ts and records.ts.
 */

import type { Biller } from '../../catalog/billers.ts';

export interface Place {
  /** UTC, as providers bill: "2026-10-03". */
  readonly day: string;
  /** Stored; NOT_MAPPED where the provider's workspaces and ours cannot be compared one by one. */
  readonly workspace: string;
  readonly model: string;
  readonly biller: Biller;
}

/** Workspaces that no workspace of the provider is mapped to, and those of the provider that are mapped to none: compared together. */
export const NOT_MAPPED = '(not mapped)';

export const TOKEN_CLASSES = ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const;
export type TokenClass = (typeof TOKEN_CLASSES)[number];
/** A number for each class of tokens. */
export type ByClass = Readonly<Record<TokenClass, bigint>>;

/** Sums of telemetry. */
export interface TelemetrySums {
  /** Booked cost. */
  readonly reported: bigint;
  readonly events: bigint;
  /** The part of the booked cost that is list price, because nothing was reported. */
  readonly estimated: bigint;
  readonly list: bigint;
  readonly contracted: bigint;
  /** How much more list cost would be if writes of unknown lifetime were of one hour. */
  readonly uncertain: bigint;
}

export interface Telemetry {
  readonly metered: TelemetrySums;
  /** Of sessions that a plan covers: notional. */
  readonly covered: TelemetrySums;
  /** What requests report less their list cost, by price_basis; '': booked without one. */
  readonly differences: ReadonlyMap<string, bigint>;
  /** Of metered sessions. */
  readonly tokens: ByClass;
  /** The part of `metered`, and of `tokens`, that belongs to a month that was closed before: no record of this day has it. */
  readonly moved: { readonly sums: TelemetrySums; readonly tokens: ByClass };
}

/** What the provider bills, by what kind of usage it is for. */
export interface Billed {
  /** Tokens of Claude Code at the standard tier. */
  readonly tokens: bigint;
  /** The same at the provider's list price, surcharges included; undefined where its record does not say. */
  readonly list: bigint | undefined;
  /** The part of `list` that is a surcharge for where the model runs. */
  readonly listSurcharge: bigint;
  /** Web search, code execution, session hours. */
  readonly tools: bigint;
  readonly batch: bigint;
  readonly otherProducts: bigint;
  /** Lines that take off something for good, and those that take off something this time: both negative, unless they are taken back. */
  readonly discounts: bigint;
  readonly credits: bigint;
}

/** What the provider counted of the same usage as Billed.tokens, at our list price. */
export interface Counted {
  readonly tokens: ByClass;
  /** Without surcharge. */
  readonly list: ByClass;
  /** List price of one token, for classes of which nothing was counted. */
  readonly rates: ByClass;
  readonly surcharge: bigint;
  /** What of `list.cacheWrite1h` is more than the same writes of five minutes cost. */
  readonly lifetime: bigint;
  /** Tokens of models without a list price: then no comparison at list price is possible. */
  readonly unpriced: bigint;
}

export interface Cell {
  readonly place: Place;
  readonly telemetry: Telemetry;
  /** Undefined: no record that says what is billed was imported for the day and biller. */
  readonly billed: Billed | undefined;
  /** Undefined: none that counts tokens was. */
  readonly counted: Counted | undefined;
}

export const NO_TOKENS: ByClass = { input: 0n, output: 0n, cacheRead: 0n, cacheWrite5m: 0n, cacheWrite1h: 0n };
export const NO_SUMS: TelemetrySums = { reported: 0n, events: 0n, estimated: 0n, list: 0n, contracted: 0n, uncertain: 0n };
const NOT_MOVED = { sums: NO_SUMS, tokens: NO_TOKENS };
export const NO_TELEMETRY: Telemetry = { metered: NO_SUMS, covered: NO_SUMS, differences: new Map(), tokens: NO_TOKENS, moved: NOT_MOVED };
export const NO_BILLED: Billed = {
  tokens: 0n,
  list: undefined,
  listSurcharge: 0n,
  tools: 0n,
  batch: 0n,
  otherProducts: 0n,
  discounts: 0n,
  credits: 0n,
};

/** What of metered telemetry a record of the day may have. */
export function ownOf({ metered, tokens, moved }: Telemetry): { readonly sums: TelemetrySums; readonly tokens: ByClass } {
  // Of nearly every cell, and asked for several times.
  if (moved === NOT_MOVED) return { sums: metered, tokens };
  return { sums: plusSums(metered, moved.sums, -1n), tokens: plusTokens(tokens, moved.tokens, -1n) };
}

export const plusSums = (one: TelemetrySums, other: TelemetrySums, times = 1n): TelemetrySums => ({
  reported: one.reported + times * other.reported,
  events: one.events + times * other.events,
  estimated: one.estimated + times * other.estimated,
  list: one.list + times * other.list,
  contracted: one.contracted + times * other.contracted,
  uncertain: one.uncertain + times * other.uncertain,
});

export const plusTokens = (one: ByClass, other: ByClass, times = 1n): ByClass =>
  Object.fromEntries(TOKEN_CLASSES.map((name) => [name, one[name] + times * other[name]])) as Record<TokenClass, bigint>;

/** What the metric reports beyond events. */
export const metricsAlone = ({ reported, events, estimated }: TelemetrySums): bigint => reported - events - estimated;

export const sumOfClasses = (amounts: ByClass): bigint => TOKEN_CLASSES.reduce((sum, name) => sum + amounts[name], 0n);
