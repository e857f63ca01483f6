/**
 * Which values of a dimension the ledger keeps apart; all others are "(other)". Each dimension has a limit, so that ids sent as names cannot
 * grow the ledger without end. So that invented names do not keep real ones out:
 *
 * - One sender may bring only so many new values in an hour and in a day. What costs money takes the place of what it brought without.
 * - Of a large dimension the second half is given out by the hour.
 * - Values that are not seen for 30 days make room; those without any spend after a day, or at once for one that has some.
 * - Names that the operator has written down are always kept.
 */
import { DIMENSION_NAMES, DIMENSIONS, type DimensionName } from '../catalog/measures.ts';
import { BoundedMap } from '../core/bounded-map.ts';
import { DAY_MS, HOUR_MS } from '../core/duration.ts';

/** Where a store keeps them. */
export interface KeptValues {
  all(): Iterable<KeptValue & { readonly dimension: DimensionName; readonly value: string }>;
  keep(dimension: DimensionName, value: string, kept: KeptValue): void;
  remove(dimension: DimensionName, value: string): void;
}

export interface KeptValue {
  /** Days since the epoch. */
  readonly seenDay: number;
  /** Whether any cost was reported with it. */
  readonly hasSpend: boolean;
}

export interface ValueLimits {
  /** Of each dimension. */
  readonly values: Readonly<Record<DimensionName, number>>;
  /** Of one sender and dimension; also bounded by a part of the dimension's limit. */
  readonly newPerHour: number;
  readonly newPerDay: number;
  /** Values that are always kept: those of the directory and of tokens. */
  readonly names: Readonly<Partial<Record<DimensionName, readonly string[]>>>;
}

/** Of an empty configuration. */
export const VALUE_LIMITS: ValueLimits = {
  values: Object.fromEntries(DIMENSION_NAMES.map((name) => [name, DIMENSIONS[name].valuesMax])) as Record<DimensionName, number>,
  newPerHour: 50_000,
  newPerDay: 100_000,
  names: {},
};

/** What a value comes with. */
export interface Bringer {
  /** Name of its token, '' without one. */
  readonly sender: string;
  /** Whether a cost is reported with it. */
  readonly spends: boolean;
}

const KEPT_DAYS = 30;
const KEPT_DAYS_WITHOUT_SPEND = 1;
/** Dimensions with so many values are those that people name freely. */
const LARGE = 10_000;
/** Beyond half of its limit a large dimension admits so much of it in an hour. */
const HOURLY_SHARE = 0.01;
/** One sender may bring so much of a dimension's limit in an hour, and in a day. */
const SENDER_HOURLY_SHARE = 0.25;
const SENDER_DAILY_SHARE = 0.5;
/** And so many of any. */
const SENDER_LEAST = 50;
/** Of what is given out by the hour, one sender gets so much. */
const SENDER_RATION = 0.25;
/** Refused values that are remembered, so that each counts once. */
const REFUSED_MAX = 10_000;

interface Quota {
  hour: number;
  inHour: number;
  /** Of these, beyond half of the dimension's limit. */
  rationed: number;
  day: number;
  inDay: number;
  /** Brought today without spend. */
  spendless: string[];
}

interface Dimension {
  readonly name: DimensionName;
  readonly max: number;
  readonly names: ReadonlySet<string>;
  readonly values: Map<string, KeptValue>;
  readonly refused: BoundedMap<string, true>;
  readonly quotas: Map<string, Quota>;
  hour: number;
  admittedInHour: number;
  /** The hour in which room was last looked for. */
  searchedHour: number;
  /** Without spend, those first that may go first. */
  spendless: string[];
}

export class ValueAdmission {
  readonly #dimensions = new Map<DimensionName, Dimension>();
  readonly #kept: KeptValues;
  readonly #limits: ValueLimits;
  readonly #onRefusal: (dimension: DimensionName) => void;
  /** Takes back what the running transaction changed in memory, the last first. */
  #undo: (() => void)[] = [];
  #nowMs = 0;

  /** `onRefusal` is called once for each value that is not kept apart. */
  constructor(kept: KeptValues, limits: ValueLimits, onRefusal: (dimension: DimensionName) => void) {
    this.#kept = kept;
    this.#limits = limits;
    this.#onRefusal = onRefusal;
    for (const name of DIMENSION_NAMES) {
      this.#dimensions.set(name, {
        ...{ name, max: limits.values[name], names: new Set(limits.names[name]), values: new Map(), quotas: new Map() },
        ...{ refused: new BoundedMap(REFUSED_MAX), hour: 0, admittedInHour: 0, searchedHour: 0, spendless: [] },
      });
    }
    this.refresh();
  }

  /** Where several admit values beside each other: from now on those that are kept are these. What senders brought stays counted. */
  refresh(): void {
    for (const { values } of this.#dimensions.values()) values.clear();
    for (const { dimension, value, seenDay, hasSpend } of this.#kept.all()) this.#dimensions.get(dimension)?.values.set(value, { seenDay, hasSpend });
    this.#undo = [];
  }

  /** Before each transaction. */
  begin(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#undo = [];
  }

  /** After one that failed. */
  undo(): void {
    for (const takeBack of this.#undo.reverse()) takeBack();
    this.#undo = [];
  }

  /** False for a value that is not kept apart, for now. */
  admit(name: DimensionName, value: string, bringer: Bringer): boolean {
    const dimension = this.#dimensions.get(name);
    if (dimension === undefined) return true;
    const known = dimension.values.get(value);
    // Nearly always.
    if (known !== undefined && known.seenDay === this.#today && (known.hasSpend || !bringer.spends)) return true;
    if (known === undefined && !dimension.names.has(value) && !(this.#hasQuota(dimension, bringer) && this.#hasRoom(dimension, bringer))) {
      this.#refuse(dimension, value);
      return false;
    }
    this.#set(dimension, value, { seenDay: this.#today, hasSpend: bringer.spends || known?.hasSpend === true });
    if (known === undefined) this.#count(dimension, value, bringer);
    return true;
  }

  /** A cost was reported with the value. */
  noteSpend(name: DimensionName, value: string): void {
    const dimension = this.#dimensions.get(name);
    const known = dimension?.values.get(value);
    if (dimension !== undefined && known?.hasSpend === false) this.#set(dimension, value, { ...known, hasSpend: true });
  }

  get #today(): number {
    return Math.floor(this.#nowMs / DAY_MS);
  }

  get #hour(): number {
    return Math.floor(this.#nowMs / HOUR_MS);
  }

  #hasQuota(dimension: Dimension, { sender, spends }: Bringer): boolean {
    const quota = this.#quotaOf(dimension, sender);
    const { max } = dimension;
    const share = (part: number) => Math.max(SENDER_LEAST, max * part);
    const isWithin =
      quota.inHour < Math.min(this.#limits.newPerHour, share(SENDER_HOURLY_SHARE)) &&
      quota.inDay < Math.min(this.#limits.newPerDay, share(SENDER_DAILY_SHARE));
    return isWithin || (spends && this.#dropOne(dimension, quota.spendless));
  }

  #quotaOf({ quotas }: Dimension, sender: string): Quota {
    const quota = quotas.getOrInsertComputed(sender, () => ({ hour: 0, inHour: 0, rationed: 0, day: 0, inDay: 0, spendless: [] }));
    if (quota.hour !== this.#hour) Object.assign(quota, { hour: this.#hour, inHour: 0, rationed: 0 });
    if (quota.day !== this.#today) Object.assign(quota, { day: this.#today, inDay: 0, spendless: [] });
    return quota;
  }

  #hasRoom(dimension: Dimension, { sender, spends }: Bringer): boolean {
    const { max, values } = dimension;
    if (dimension.hour !== this.#hour) Object.assign(dimension, { hour: this.#hour, admittedInHour: 0 });
    const ration = max * HOURLY_SHARE;
    const isUsedUp = dimension.admittedInHour >= ration || this.#quotaOf(dimension, sender).rationed >= ration * SENDER_RATION;
    const isRationed = max >= LARGE && values.size >= max / 2 && isUsedUp;
    if (!isRationed && values.size < max) return true;
    this.#search(dimension);
    if (!isRationed && values.size < max) return true;
    return spends && this.#dropOne(dimension, dimension.spendless);
  }

  /** Once an hour: looking through hundreds of thousands takes a while. */
  #search(dimension: Dimension): void {
    if (dimension.searchedHour === this.#hour) return;
    dimension.searchedHour = this.#hour;
    this.#undo.push(() => {
      dimension.searchedHour = 0;
    });
    const oldest = (hasSpend: boolean) => this.#today - (hasSpend ? KEPT_DAYS : KEPT_DAYS_WITHOUT_SPEND);
    const left: [string, KeptValue][] = [];
    for (const [value, kept] of dimension.values) {
      if (kept.seenDay < oldest(kept.hasSpend)) this.#remove(dimension, value, kept);
      else if (!kept.hasSpend) left.push([value, kept]);
    }
    dimension.spendless = left.sort(([, a], [, b]) => b.seenDay - a.seenDay).map(([value]) => value);
  }

  /** Of these, the last that has no spend still. */
  #dropOne(dimension: Dimension, spendless: string[]): boolean {
    for (let value = spendless.pop(); value !== undefined; value = spendless.pop()) {
      const kept = dimension.values.get(value);
      if (kept === undefined || kept.hasSpend || dimension.names.has(value)) continue;
      this.#remove(dimension, value, kept);
      return true;
    }
    return false;
  }

  #set(dimension: Dimension, value: string, kept: KeptValue): void {
    const known = dimension.values.get(value);
    if (known?.seenDay === kept.seenDay && known.hasSpend === kept.hasSpend) return;
    dimension.values.set(value, kept);
    this.#undo.push(() => (known === undefined ? dimension.values.delete(value) : dimension.values.set(value, known)));
    this.#kept.keep(dimension.name, value, kept);
  }

  #remove(dimension: Dimension, value: string, kept: KeptValue): void {
    dimension.values.delete(value);
    this.#undo.push(() => dimension.values.set(value, kept));
    this.#kept.remove(dimension.name, value);
  }

  #count(dimension: Dimension, value: string, { sender, spends }: Bringer): void {
    const quota = this.#quotaOf(dimension, sender);
    quota.inHour++;
    quota.inDay++;
    if (!spends) quota.spendless.push(value);
    if (dimension.values.size <= dimension.max / 2) return;
    dimension.admittedInHour++;
    quota.rationed++;
  }

  #refuse({ name, refused }: Dimension, value: string): void {
    if (refused.get(value)) return;
    refused.set(value, true);
    this.#undo.push(() => refused.delete(value));
    this.#onRefusal(name);
  }
}
