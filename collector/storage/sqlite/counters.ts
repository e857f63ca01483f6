/** Small facts about the ledger: counters, freshness, how far roll-ups have come, the zone its days were cut in. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Counter, Facts } from '../../ledger/tables.ts';
import type { Watermark } from '../../ledger/watermark.ts';
import { WatermarkReader } from './rollup-watermark.ts';

export class StateTable {
  readonly #add: StatementSync;
  readonly #set: StatementSync;
  readonly #get: StatementSync;
  readonly #watermark: WatermarkReader;

  constructor(database: DatabaseSync) {
    this.#add = database.prepare('INSERT INTO state (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value');
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
    if (asOfMs !== undefined) this.set('as_of_ms', asOfMs);
    if (rolledUp === undefined) return;
    this.set('rolled_up_bucket', rolledUp.bucket);
    this.set('rolled_up_dims', rolledUp.dims);
  }

  set(name: 'as_of_ms' | 'calendar' | 'probed_ms' | 'redone' | 'rolled_up_bucket' | 'rolled_up_dims', value: string | number): void {
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
