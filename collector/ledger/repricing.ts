/**
 * Repricing: what requests cost at the prices of today's book, at the date of each, against what is booked for them. What differs is booked as
 * adjustments, one for each session, quarter of an hour and dimensions, so that entries stay as they came and every figure of the past can be
 * traced. Requests keep the dimensions that they were booked under.
 */
import type { Dimensions, MeasureName } from '../catalog/measures.ts';
import { QUARTER_MS, quarterOf } from '../core/calendar.ts';
import { framedKey } from '../core/framed.ts';
import type { PicoUsd } from '../core/money.ts';
import { adjustmentIdentity, isRepricing } from './adjustments.ts';
import type { Posting } from './booking.ts';
import type { Amounts, Entry } from './entry.ts';
import type { HistoryItem } from './history.ts';
import { bookBeside, type Company } from './pools.ts';
import { type Sums, sumsOf } from './priced-sums.ts';

/** What a request costs by a price book. */
export interface Price {
  readonly listCost: PicoUsd;
  /** Of PRICED_MEASURES; what is left out is nothing. */
  readonly amounts: Amounts;
}

/** Amounts of an entry that follow from its price. */
export const PRICED_MEASURES = [
  ...['cost_contracted', 'cost_list_uncached', 'cost_list_uncertain', 'unpriced_tokens', 'cache_creation_1h_tokens'],
] as const satisfies readonly MeasureName[];

/** Undefined for what has no tokens of its own. */
export type PriceItem = (item: HistoryItem) => Price | undefined;

/** What is to be repriced. */
export interface RepricedPart {
  /** Inclusive; a whole quarter of an hour. Omitted: since the beginning. */
  readonly fromMs?: number | undefined;
  /** Exclusive; the same. Omitted: without end. */
  readonly toMs?: number | undefined;
  /** As stored. Omitted: all. */
  readonly models?: readonly string[] | undefined;
}

/** A session with requests, as it stands in the tables. */
export interface PricedSession {
  readonly sessionId: string;
  /** Oldest first, without adjustments and what is set aside. */
  readonly items: readonly HistoryItem[];
  readonly adjustments: readonly HistoryItem[];
  readonly company: Company;
}

/** Some sessions, about one instant. */
export interface PricedPage {
  readonly sessions: readonly PricedSession[];
  /** Those that items and adjustments name by number. */
  readonly dimensions: ReadonlyMap<number, Dimensions>;
  /** Entries in it. */
  readonly entries: number;
  /** Where to go on; undefined at the end. */
  readonly next: number | undefined;
}

/** What cannot be repriced: the entries of these sessions were removed because of their age. */
export interface BeyondRepricing {
  readonly sessions: number;
  readonly listCost: PicoUsd;
  readonly unpricedTokens: bigint;
}

/** The ledger as a repricing reads it. A store within reach may hold the thread while it reads: a repricing has one of its own. */
export interface RepricingReader {
  /** Sessions that may have requests of the part, in an order of the store's own, from `after` on; 0 is the beginning. */
  page(part: RepricedPart, after: number): Promise<PricedPage>;
  beyond(part: RepricedPart): Promise<BeyondRepricing>;
  /** Entries there are, for progress. */
  entries(): Promise<number>;
  close(): Promise<void>;
}

/** What one group of a session's requests is to be corrected by. */
export interface Correction {
  readonly dims: number;
  readonly sums: Sums;
  readonly entry: Entry;
}

interface Group {
  readonly dims: number;
  readonly quarter: number;
  timeMs: number;
  /** Repricings before. */
  earlier: number;
  readonly sums: Sums;
}

/** Above it an amount is split: it would be no exact number any more. */
const AMOUNT_MAX = BigInt(2 ** 52);

export function correctionsOf(
  session: PricedSession,
  part: RepricedPart,
  price: PriceItem,
  dimensionsOf: (dims: number) => Dimensions,
): Correction[] {
  const groups = new Map<string, Group>();
  const isAsked = isWithin(part);
  const at = ({ timeMs, dims }: Pick<Posting<number>, 'timeMs' | 'dims'>): Group => {
    const quarter = quarterOf(timeMs);
    return groups.getOrInsertComputed(`${quarter} ${dims}`, () => ({ dims, quarter, timeMs, earlier: 0, sums: sumsOf() }));
  };
  for (const one of session.adjustments) {
    if (!isRepricing(one) || !isAsked(one)) continue;
    const group = at(one);
    group.earlier++;
    group.sums.add(one, -1n);
  }
  addDifferences(session, price, isAsked, at);
  return [...groups.values()].flatMap((group) => (group.sums.isNothing ? [] : correctionsFor(session.sessionId, group, dimensionsOf(group.dims))));
}

const isWithin =
  ({ fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY, models }: RepricedPart) =>
  ({ timeMs, model }: HistoryItem): boolean =>
    timeMs >= fromMs && timeMs < toMs && (models === undefined || models.includes(model));

function addDifferences(
  { items, company }: PricedSession,
  price: PriceItem,
  isAsked: (item: HistoryItem) => boolean,
  at: (item: HistoryItem) => Group,
): void {
  const repriced = new Map<HistoryItem, HistoryItem>();
  let isEstimate = false;
  for (const item of items) {
    const found = isAsked(item) ? price(item) : undefined;
    if (found === undefined) continue;
    const group = at(item);
    group.timeMs = Math.max(group.timeMs, item.timeMs);
    const amounts = withPrice(item.amounts, found.amounts);
    if (found.listCost === item.listCost && amounts === item.amounts) continue;
    repriced.set(item, { ...item, listCost: found.listCost, amounts });
    if (item.isCostMissing === true || item.isStandIn === true) isEstimate = true;
  }
  if (repriced.size === 0) return;
  if (!isEstimate) {
    for (const [item, now] of repriced) at(item).sums.addDifference(item, now);
    return;
  }
  // Where list price stands for a cost that nobody reported, what is booked depends on what others report.
  const before = bookBeside(items, company);
  const after = bookBeside(
    items.map((item) => repriced.get(item) ?? item),
    company,
  );
  for (const [index, item] of items.entries()) {
    const [was, is] = [before[index], after[index]];
    if (was !== undefined && is !== undefined && was !== is) at(item).sums.addPostings(was, is);
  }
}

/** The same object where nothing changes. */
function withPrice(amounts: Amounts, price: Amounts): Amounts {
  if (PRICED_MEASURES.every((name) => (amounts[name] ?? 0) === (price[name] ?? 0))) return amounts;
  const changed = { ...amounts };
  for (const name of PRICED_MEASURES) {
    if (price[name] === undefined) delete changed[name];
    else changed[name] = price[name];
  }
  return changed;
}

/** Mostly one. */
function correctionsFor(sessionId: string, { dims, quarter, timeMs, earlier, sums }: Group, dimensions: Dimensions): Correction[] {
  const key = framedKey([sessionId, String(quarter), ...Object.entries(dimensions).flat()]);
  return sums.inParts(AMOUNT_MAX).map((part, index) => {
    const { cost, listCost, amounts } = part;
    const identity = adjustmentIdentity('repricing', `${key}\n${earlier + index}\n${cost} ${listCost} ${JSON.stringify(amounts)}`);
    const inQuarter = Math.min(timeMs, (quarter + 1) * QUARTER_MS - 1);
    const entry: Entry = { sessionId, identity, timeMs: inQuarter, source: 'events', cost, listCost, amounts, dimensions, isAdjustment: true };
    return { dims, sums: sumsOf(part), entry };
  });
}
