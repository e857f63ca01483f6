/** Small facts about the ledger: counters, freshness, how far roll-ups have come, the zone its days were cut in. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LATEST_BEYOND_MS } from '../../ledger/minute-rates.ts';
import type { Counter, Facts } from '../../ledger/tables.ts';
import type { Watermark } from '../../ledger/watermark.ts';
import { WatermarkReader } from './rollup-watermark.ts';

/** Of a clock that goes back: what it said before, for checks of what was written by it. */
const KEEP_LATEST = `INSERT INTO state (name, value) SELECT 'latest_ms', min(value, $asOf + ${LATEST_BEYOND_MS}) FROM state WHERE name = 'as_of_ms' AND value > $asOf
  ON CONFLICT DO UPDATE SET value = max(value, excluded.value)`;

export class StateTable {
  readonly #add: StatementSync;
  readonly #keepLatest: StatementSync;
  readonly #set: StatementSync;
  readonly #get: StatementSync;
  readonly #watermark: WatermarkReader;

  constructor(database: DatabaseSync) {
    this.#add = database.prepare('INSERT INTO state (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value');
    this.#keepLatest = database.prepare(KEEP_LATEST);
    this.#set = database.prepare('INSERT INTO state (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value');
    this.#get = database.prepare('SELECT value FROM state WHERE name = ?');
    this.#watermark = new WatermarkReader(database);
  }

  count(counter: Counter, amount: number): void {
    this.#add.run(counter, amount);
  }

  facts(): Facts {
    const asOfMs = this.#get.get('as_of_ms')?.value;
    return { asOfMs: typeof asOfMs === 'number' ? asOfMs : undefined, rolledUp: this.#watermark.near() };
  }

  watermark(): Watermark {
    return this.#watermark.read();
  }

  setFacts({ asOfMs, rolledUp }: Partial<Facts>): void {
    if (asOfMs !== undefined) {
      this.#keepLatest.run({ asOf: asOfMs });
      this.set('as_of_ms', asOfMs);
    }
    if (rolledUp === undefined) return;
    this.set('rolled_up_bucket', rolledUp.bucket);
    this.set('rolled_up_dims', rolledUp.dims);
  }

  set(name: 'as_of_ms' | 'calendar' | 'latest_ms' | 'probed_ms' | 'redone' | 'rolled_up_bucket' | 'rolled_up_dims', value: string | number): void {
    this.#set.run(name, value);
  }

  /** 0 where it was never set. */
  number(name: 'redone'): number {
    const value = this.#get.get(name)?.value;
    return typeof value === 'number' ? value : 0;
  }

  text(name: 'calendar'): string | undefined {
    const value = this.#get.get(name)?.value;
    return typeof value === 'string' ? value : undefined;
  }
}
