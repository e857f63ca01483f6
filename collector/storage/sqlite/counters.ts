/** Small facts about the ledger: counters, freshness, the zone its days were cut in. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AppendOutcome } from '../../ledger/entry.ts';

export type Counter = keyof AppendOutcome | 'sessions' | 'pruned' | 'late' | `overflow:${string}`;

export class StateTable {
  readonly #add: StatementSync;
  readonly #set: StatementSync;
  readonly #get: StatementSync;
  readonly #pending = new Map<Counter, number>();

  constructor(database: DatabaseSync) {
    this.#add = database.prepare('INSERT INTO state (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value');
    this.#set = database.prepare('INSERT INTO state (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value');
    this.#get = database.prepare('SELECT value FROM state WHERE name = ?');
  }

  count(counter: Counter, amount: number): void {
    if (amount !== 0) this.#pending.set(counter, (this.#pending.get(counter) ?? 0) + amount);
  }

  /** Writes what was counted, in the caller's transaction. */
  flush(): void {
    for (const [counter, amount] of this.#pending) this.#add.run(counter, amount);
    this.#pending.clear();
  }

  forget(): void {
    this.#pending.clear();
  }

  set(name: 'as_of_ms' | 'calendar' | 'probed_ms' | 'rolled_up_bucket' | 'rolled_up_dims', value: string | number): void {
    this.#set.run(name, value);
  }

  number(name: 'as_of_ms'): number | undefined {
    const value = this.#get.get(name)?.value;
    return typeof value === 'number' ? value : undefined;
  }

  text(name: 'calendar'): string | undefined {
    const value = this.#get.get(name)?.value;
    return typeof value === 'string' ? value : undefined;
  }
}
