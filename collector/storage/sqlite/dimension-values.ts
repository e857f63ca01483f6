/**
 * Which values of a dimension the ledger keeps apart. Each dimension has a limit (catalog/measures.ts), so that ids sent as names cannot
 * grow the ledger without end; and so that invented names do not keep real ones out for ever, the limit is of values seen within 30
 * days, and of a large dimension the second half is given out by the hour.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DIMENSION_NAMES, DIMENSIONS, type DimensionName } from '../../catalog/measures.ts';
import { BoundedMap } from '../../core/bounded-map.ts';
import { DAY_MS, HOUR_MS } from '../../core/duration.ts';

/** A value that was not seen for so long makes room where there is none. What was booked under it stays. */
const KEPT_DAYS = 30;
/** Dimensions with so many values are those that people name freely. */
const LARGE = 10_000;
/** Beyond half of its limit a large dimension admits so much of it in an hour. */
const HOURLY_SHARE = 0.01;
/** Refused values that are remembered, so that each counts once. */
const REFUSED_MAX = 10_000;

interface Values {
  /** By value, the day it was last seen. */
  readonly seenDay: Map<string, number>;
  readonly refused: BoundedMap<string, true>;
  hour: number;
  admittedInHour: number;
  /** The day on which room was last looked for in vain. */
  fullDay: number;
}

export class DimensionValues {
  readonly #byDimension = new Map<DimensionName, Values>();
  readonly #onRefusal: (dimension: DimensionName) => void;
  readonly #keep: StatementSync;
  readonly #expire: StatementSync;
  /** Takes back what the running transaction changed in memory, the last first. */
  #undo: (() => void)[] = [];
  #nowMs = Date.now();

  /** `onRefusal` is called once for each value beyond a limit. */
  constructor(database: DatabaseSync, onRefusal: (dimension: DimensionName) => void) {
    this.#onRefusal = onRefusal;
    this.#keep = database.prepare(
      `INSERT INTO dimension_values (dimension, value, seen_day) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seen_day = excluded.seen_day`,
    );
    this.#expire = database.prepare('DELETE FROM dimension_values WHERE dimension = ? AND seen_day < ?');
    for (const name of DIMENSION_NAMES) {
      this.#byDimension.set(name, { seenDay: new Map(), refused: new BoundedMap(REFUSED_MAX), hour: 0, admittedInHour: 0, fullDay: 0 });
    }
    for (const { dimension, value, seen_day } of database.prepare('SELECT dimension, value, seen_day FROM dimension_values').iterate()) {
      this.#byDimension.get(dimension as DimensionName)?.seenDay.set(String(value), Number(seen_day));
    }
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

  /** False for a value beyond the limit, for now. */
  admit(name: DimensionName, value: string): boolean {
    const values = this.#byDimension.get(name);
    if (values === undefined) return true;
    const today = Math.floor(this.#nowMs / DAY_MS);
    const known = values.seenDay.get(value);
    if (known === today) return true;
    if (known === undefined && !this.#hasRoom(name, values, today)) {
      this.#refuse(name, value, values);
      return false;
    }
    values.seenDay.set(value, today);
    this.#undo.push(() => (known === undefined ? values.seenDay.delete(value) : values.seenDay.set(value, known)));
    if (known === undefined && values.seenDay.size > DIMENSIONS[name].valuesMax / 2) values.admittedInHour++;
    this.#keep.run(name, value, today);
    return true;
  }

  #hasRoom(name: DimensionName, values: Values, today: number): boolean {
    const { valuesMax } = DIMENSIONS[name];
    const hour = Math.floor(this.#nowMs / HOUR_MS);
    if (hour !== values.hour) Object.assign(values, { hour, admittedInHour: 0 });
    const isRationed = valuesMax >= LARGE && values.seenDay.size >= valuesMax / 2;
    if (isRationed && values.admittedInHour >= valuesMax * HOURLY_SHARE) return false;
    if (values.seenDay.size >= valuesMax && values.fullDay !== today) this.#makeRoom(name, values, today);
    return values.seenDay.size < valuesMax;
  }

  /** Once a day: looking through hundreds of thousands takes a while. */
  #makeRoom(name: DimensionName, values: Values, today: number): void {
    values.fullDay = today;
    const gone = [...values.seenDay].filter(([, day]) => day < today - KEPT_DAYS);
    for (const [value] of gone) values.seenDay.delete(value);
    this.#expire.run(name, today - KEPT_DAYS);
    this.#undo.push(() => {
      values.fullDay = 0;
      for (const [value, day] of gone) values.seenDay.set(value, day);
    });
  }

  #refuse(name: DimensionName, value: string, { refused }: Values): void {
    if (refused.get(value)) return;
    refused.set(value, true);
    this.#undo.push(() => refused.delete(value));
    this.#onRefusal(name);
  }
}
