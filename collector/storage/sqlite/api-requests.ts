/** Requests as the API counted them, on disk, and their comparison with what clients reported. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DAY_MS, HOUR_MS } from '../../core/duration.ts';
import { ApiRequestSums, CLOCK_SLACK_MS } from '../../ledger/api-request-sums.ts';
import type {
  ApiRequest,
  ApiRequestSum,
  ApiRequestsAnswer,
  ApiRequestsOutcome,
  ApiRequestsQuery,
  UncountedRequests,
} from '../../ledger/api-requests.ts';
import { apiRequestOf } from '../answer-rows.ts';
import { ADJUSTMENT, SET_ASIDE } from '../batch-codec.ts';

/** By UTC day first: a day is compared, and one day's requests stay together. */
export const API_REQUESTS = `CREATE TABLE api_requests (
     day INTEGER NOT NULL, request TEXT NOT NULL, time_ms INTEGER NOT NULL,
     organization TEXT NOT NULL, workspace TEXT NOT NULL, model TEXT NOT NULL,
     input INTEGER NOT NULL, output INTEGER NOT NULL, cache_read INTEGER NOT NULL,
     cache_creation_5m INTEGER NOT NULL, cache_creation_1h INTEGER NOT NULL,
     list_cost INTEGER,
     PRIMARY KEY (day, request)
   ) WITHOUT ROWID`;

/** A pause after so many rows takes less than the rows do. */
const STEP_ROWS = 5_000;

export class ApiRequestsTable {
  readonly #known: StatementSync;
  readonly #insert: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: DatabaseSync) {
    // A request that is delivered again with another clock's time may lie on the day beside.
    this.#known = database.prepare('SELECT 1 FROM api_requests WHERE day BETWEEN ?1 - 1 AND ?1 + 1 AND request = ?2');
    this.#insert = database.prepare(`INSERT INTO api_requests VALUES (${Array(12).fill('?').join()})`);
    this.#remove = database.prepare('DELETE FROM api_requests WHERE (day, request) IN (SELECT day, request FROM api_requests WHERE day < ? LIMIT ?)');
  }

  add(requests: readonly ApiRequest[]): ApiRequestsOutcome {
    const outcome = { appended: 0, duplicates: 0 };
    for (const { request, timeMs, organization, workspace, model, tokens, listCost } of requests) {
      const day = Math.floor(timeMs / DAY_MS);
      if (this.#known.get(day, request) !== undefined) {
        outcome.duplicates++;
        continue;
      }
      const counts = [tokens.input, tokens.output, tokens.cacheRead, tokens.cacheCreation5m, tokens.cacheCreation1h];
      this.#insert.run(day, request, timeMs, organization, workspace, model, ...counts, listCost ?? null);
      outcome.appended++;
    }
    return outcome;
  }

  /** Answers how many went. */
  removeBefore(beforeMs: number, rowsMax: number): number {
    return Number(this.#remove.run(Math.floor(beforeMs / DAY_MS), rowsMax).changes);
  }
}

/** Day by day, with pauses. */
export function* apiRequestSteps(database: DatabaseSync, { fromMs, toMs }: ApiRequestsQuery): Generator<undefined, ApiRequestsAnswer> {
  const sums: ApiRequestSum[] = [];
  const uncounted: UncountedRequests[] = [];
  const any = database.prepare('SELECT MIN(day) AS day FROM api_requests WHERE day >= ? AND day < ?');
  const counted = database.prepare('SELECT 1 FROM api_requests WHERE day BETWEEN ?1 - 1 AND ?1 + 1 AND request = ?2');
  for (let day = Math.floor(fromMs / DAY_MS); ; day++) {
    const next = any.get(day, Math.ceil(toMs / DAY_MS))?.day;
    if (typeof next !== 'number') break;
    day = next;
    const ofDay = new ApiRequestSums(day * DAY_MS);
    yield* reportTo(ofDay, database, day);
    yield* countIn(ofDay, database, day);
    sums.push(...ofDay.sums);
    uncounted.push(ofDay.uncounted((request) => counted.get(day, request) !== undefined));
    yield;
  }
  return { sums, uncounted };
}

/** Without what is set aside. */
function* reportTo(ofDay: ApiRequestSums, database: DatabaseSync, day: number): Generator<undefined, void> {
  const [fromMs, toMs] = [day * DAY_MS - CLOCK_SLACK_MS, (day + 1) * DAY_MS + CLOCK_SLACK_MS];
  const sessions = database.prepare(
    `SELECT id, removed_before_ms FROM sessions WHERE last_ms / ${HOUR_MS} >= CAST(?1 AS INTEGER) / ${HOUR_MS} AND last_ms >= ?1 AND first_ms < ?2`,
  );
  const entries = database.prepare(
    `SELECT request, identity, cost FROM entries WHERE session = ? AND time_ms >= ? AND time_ms < ? AND request IS NOT NULL AND (flags & ${SET_ASIDE | ADJUSTMENT}) = 0`,
  );
  entries.setReadBigInts(true);
  let read = 0;
  for (const { id, removed_before_ms } of sessions.all(fromMs, toMs)) {
    for (const { request, identity, cost } of entries.all(Number(id), Math.max(fromMs, Number(removed_before_ms)), toMs)) {
      ofDay.report(String(request), String(identity), cost as bigint);
      if (++read % STEP_ROWS === 0) yield;
    }
  }
}

function* countIn(ofDay: ApiRequestSums, database: DatabaseSync, day: number): Generator<undefined, void> {
  const rows = database.prepare('SELECT * FROM api_requests WHERE day = ? AND request > ? ORDER BY request LIMIT ?');
  rows.setReadBigInts(true);
  for (let after = ''; ; ) {
    const page = rows.all(day, after, STEP_ROWS);
    for (const row of page) ofDay.count(apiRequestOf(row));
    const last = page.at(-1);
    if (last === undefined || page.length < STEP_ROWS) return;
    after = String(last.request);
    yield;
  }
}
