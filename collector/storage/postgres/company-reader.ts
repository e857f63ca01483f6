/** Says beside what a session is booked, for those who read a ledger: nothing, unless it is a pool. See collector/ledger/pools.ts. */
import type { HistoryItem } from '../../ledger/history.ts';
import { type Company, companyOf, entriesCounted, meetingsMax, NO_COMPANY, neighborsOf, walkable } from '../../ledger/pools.ts';
import type { Sql } from './connection.ts';
import { History } from './session-history.ts';
import { readMeetings } from './session-links.ts';

export class CompanyReader {
  readonly #sql: Sql;
  readonly #history: History;

  constructor(sql: Sql, slots: number) {
    this.#sql = sql;
    this.#history = new History(sql, slots);
  }

  async of(session: number): Promise<Company> {
    const neighbors = neighborsOf((await readMeetings(this.#sql, [session], meetingsMax(0))).get(session) ?? []);
    if (neighbors?.size === 0) return NO_COMPANY;
    const counts = neighbors === undefined ? new Map<number, number>() : await this.#history.count([session, ...neighbors], entriesCounted(0));
    const near = walkable(session, neighbors, (one) => counts.get(one) ?? 0);
    const histories = new Map<number, readonly HistoryItem[]>();
    if (near !== undefined) await this.#history.of([...near], (one, history) => histories.set(one, history));
    return companyOf(near, (one) => histories.get(one) ?? []);
  }
}
