/** Requests and tokens by the minute and team, for sizing rate limits. Kept for days only: a week shows the peaks. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { DimensionName } from '../../catalog/measures.ts';
import { MINUTE_MS } from '../../core/duration.ts';
import type { Amounts } from '../../ledger/entry.ts';
import { MINUTES_KEPT_MS } from '../../ledger/ledger.ts';
import type { DimsTable } from './dimension-sets.ts';

const TEAM: readonly DimensionName[] = ['organisation', 'team'];

/** Tokens that count against a rate limit: those read from the cache do not. */
export const limitedTokens = ({ input_tokens = 0, output_tokens = 0, cache_creation_tokens = 0 }: Amounts): number =>
  input_tokens + output_tokens + cache_creation_tokens;

interface Rate {
  requests: number;
  tokens: number;
}

export class MinutesTable {
  readonly #dims: DimsTable;
  readonly #add: StatementSync;
  readonly #remove: StatementSync;
  #pending = new Map<number, Map<number, Rate>>();

  constructor(database: DatabaseSync, dims: DimsTable) {
    this.#dims = dims;
    this.#add = database.prepare(
      `INSERT INTO minutes (minute, dims, requests, tokens) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, tokens = tokens + excluded.tokens`,
    );
    this.#remove = database.prepare('DELETE FROM minutes WHERE minute < ?');
  }

  /** Counts an api_request event that was appended; other entries are none of its business. */
  count(entry: { readonly timeMs: number; readonly amounts: Amounts }, dims: number, receivedMs: number): void {
    const { requests } = entry.amounts;
    if (requests === undefined || entry.timeMs < receivedMs - MINUTES_KEPT_MS) return;
    const minute = this.#pending.getOrInsertComputed(Math.floor(entry.timeMs / MINUTE_MS), () => new Map<number, Rate>());
    const rate = minute.getOrInsertComputed(this.#dims.project(dims, TEAM), () => ({ requests: 0, tokens: 0 }));
    rate.requests += requests;
    rate.tokens += limitedTokens(entry.amounts);
  }

  flush(): void {
    for (const [minute, byDims] of this.#pending) for (const [dims, { requests, tokens }] of byDims) this.#add.run(minute, dims, requests, tokens);
    this.clear();
  }

  clear(): void {
    this.#pending = new Map();
  }

  /** `asOfMs`: when the ledger last committed, which is the clock that writing goes by. */
  removeOld(asOfMs: number): void {
    this.#remove.run(Math.floor((asOfMs - MINUTES_KEPT_MS) / MINUTE_MS));
  }
}
