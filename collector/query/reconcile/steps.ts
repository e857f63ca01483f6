/**
 * From what clients report to what the provider bills, cell by cell. What is added up always closes: reported cost and all steps to list cost
 * are list cost; list cost, all steps to billed cost and the remainder are billed cost.
 */

import { type Cause, causeOfBasis } from './causes.ts';
import { type Billed, type ByClass, type Cell, type Counted, metricsAlone, ownOf, type Place, sumOfClasses, TOKEN_CLASSES } from './cell.ts';
import { type EdgeLimit, shiftAtEdges } from './day-edge.ts';

export interface Amounts {
  readonly reported: bigint;
  readonly events: bigint;
  readonly list: bigint;
  readonly contracted: bigint;
  readonly uncertain: bigint;
  /** The part of `list` that plans cover: notional. */
  readonly covered: bigint;
  /** Undefined: no statement was imported. */
  readonly billed: bigint | undefined;
}

export interface Reconciled {
  readonly place: Place;
  readonly amounts: Amounts;
  /** What each cause adds on the way; those that add nothing are left out. */
  readonly steps: ReadonlyMap<Cause, bigint>;
  /** Undefined as `billed` is. */
  readonly remainder: bigint | undefined;
  /** Of what is billed, what usage credits of seats cost. Undefined as `billed` is. */
  readonly overage: bigint | undefined;
  /** Were tokens or list prices of the provider there, so that missing telemetry could be found? */
  readonly isCounted: boolean;
}

/** A cell on its way: `rest` is what tokens have to explain. */
interface Draft {
  readonly cell: Cell;
  readonly steps: Map<Cause, bigint>;
  rest: bigint;
  remainder: bigint;
}

/** `limitOf`: how much may have moved over a midnight. Cells of days beside the range that is asked about may be among them. */
export function reconcileCells(cells: readonly Cell[], limitOf: EdgeLimit): readonly Reconciled[] {
  const drafts = cells.map(begin);
  shiftAtEdges(
    drafts.filter(({ cell }) => isComparable(cell)).map((draft) => edgeOf(draft)),
    limitOf,
  );
  return drafts.map(finish);
}

const edgeOf = (draft: Draft) => ({
  place: draft.cell.place,
  rest: draft.rest,
  move(amount: bigint) {
    draft.rest -= amount;
    add(draft.steps, 'day_edge', amount);
  },
});

function begin(cell: Cell): Draft {
  const steps = new Map<Cause, bigint>();
  const { metered, covered, differences } = cell.telemetry;
  add(steps, 'metrics_alone', -metricsAlone(metered) - metricsAlone(covered));
  for (const [basis, difference] of differences) add(steps, causeOfBasis(basis), -difference);
  const draft = { cell, steps, rest: 0n, remainder: 0n };
  add(steps, 'covered', -covered.list);
  const { sums: own } = ownOf(cell.telemetry);
  add(steps, 'closed_months', own.list - metered.list);
  if (cell.billed === undefined) add(steps, 'not_imported', -own.list);
  else bill(draft, cell.billed);
  return draft;
}

function bill(draft: Draft, billed: Billed): void {
  const { cell, steps } = draft;
  add(steps, 'server_tools', billed.tools);
  add(steps, 'batch', billed.batch);
  add(steps, 'other_products', billed.otherProducts);
  add(steps, 'agreed_discount', billed.discounts);
  add(steps, 'credits', billed.credits);
  const { sums: metered } = ownOf(cell.telemetry);
  const priced = pricedOf(cell);
  const own = billed.list === undefined ? undefined : billed.list - billed.listSurcharge;
  const plain = own ?? priced;
  if (plain === undefined) {
    add(steps, 'agreed_discount', metered.contracted - metered.list);
    draft.remainder += billed.tokens - metered.contracted;
    return;
  }
  compare(draft, priced ?? plain);
  add(steps, 'price_book', plain - (priced ?? plain));
  const surcharge = own === undefined ? (cell.counted?.surcharge ?? 0n) : billed.listSurcharge;
  add(steps, 'regional', surcharge);
  const discount = billed.list === undefined ? part(plain + surcharge, metered.contracted - metered.list, metered.list) : billed.tokens - billed.list;
  add(steps, 'agreed_discount', discount);
  draft.remainder += billed.tokens - plain - surcharge - discount;
}

/** What was counted, at our list price. Undefined where nothing was counted, or not everything has a price. */
const pricedOf = ({ counted }: Cell): bigint | undefined => (counted === undefined || counted.unpriced > 0n ? undefined : sumOfClasses(counted.list));

const isComparable = (cell: Cell): boolean => cell.billed !== undefined && (cell.billed.list !== undefined || pricedOf(cell) !== undefined);

/** From our list cost to the list price of what was counted. */
function compare(draft: Draft, counted: bigint): void {
  const { cell, steps } = draft;
  const { covered } = cell.telemetry;
  const { sums: metered } = ownOf(cell.telemetry);
  draft.rest = counted - metered.list;
  const take = (cause: Cause, most: bigint): void => {
    const taken = least(draft.rest, most);
    if (taken <= 0n) return;
    add(steps, cause, taken);
    draft.rest -= taken;
  };
  take('lifetime_counted', least(metered.uncertain, lifetimeOf(cell)));
  take('metrics_counted', metricsAlone(metered));
  // Beside metered usage nobody can say which of the two has more than telemetry knows.
  if (metered.list === 0n) take('overage', covered.list);
}

/** What the one-hour writes that telemetry does not know as such cost more. */
function lifetimeOf({ counted, telemetry }: Cell): bigint {
  if (counted === undefined) return 0n;
  const all = counted.tokens.cacheWrite1h;
  return part(counted.lifetime, all - ownOf(telemetry).tokens.cacheWrite1h, all);
}

/** What is left is missing on either end, as far as tokens say so. */
function finish(draft: Draft): Reconciled {
  const { cell, steps, rest } = draft;
  if (rest > 0n) {
    const missing = least(
      rest,
      worthOf(cell, (counted, reported) => counted - reported),
    );
    add(steps, 'missing_telemetry', missing);
    draft.remainder += rest - missing;
  } else if (rest < 0n) {
    const beyond = least(
      -rest,
      worthOf(cell, (counted, reported) => reported - counted),
    );
    add(steps, 'not_counted', -beyond);
    draft.remainder += rest + beyond;
  }
  const { metered, covered } = cell.telemetry;
  const { billed } = cell;
  return {
    place: cell.place,
    amounts: {
      reported: metered.reported + covered.reported,
      events: metered.events + covered.events,
      list: metered.list + covered.list,
      contracted: metered.contracted + covered.contracted,
      uncertain: metered.uncertain + covered.uncertain,
      covered: covered.list,
      billed: billed && billed.tokens + billed.tools + billed.batch + billed.otherProducts + billed.discounts + billed.credits,
    },
    steps: new Map([...steps].filter(([, amount]) => amount !== 0n)),
    remainder: billed && draft.remainder,
    // Where it is taken, all that is billed for tokens is.
    overage: billed && ((steps.get('overage') ?? 0n) > 0n ? billed.tokens : 0n),
    isCounted: isComparable(cell),
  };
}

/** Tokens that one has beyond the other, at list price; without bound where no tokens were counted, for then only money can say. */
function worthOf({ counted, telemetry }: Cell, beyond: (counted: bigint, reported: bigint) => bigint): bigint {
  if (counted === undefined || counted.unpriced > 0n) return UNBOUNDED;
  let worth = 0n;
  const own = ownOf(telemetry);
  for (const name of TOKEN_CLASSES) {
    const tokens = beyond(counted.tokens[name], own.tokens[name]);
    if (tokens > 0n) worth += priceOf(counted, name, tokens);
  }
  return worth;
}

const UNBOUNDED = 10n ** 30n;

/** At the average price of those that were counted. */
function priceOf({ tokens, list, rates }: Counted, name: keyof ByClass, amount: bigint): bigint {
  return tokens[name] > 0n ? part(list[name], amount, tokens[name]) : rates[name] * amount;
}

/** A share of an amount, cut to whole units; nothing of nothing. */
const part = (amount: bigint, of: bigint, whole: bigint): bigint => (whole === 0n ? 0n : (amount * of) / whole);
const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);

function add(steps: Map<Cause, bigint>, cause: Cause, amount: bigint): void {
  steps.set(cause, (steps.get(cause) ?? 0n) + amount);
}
