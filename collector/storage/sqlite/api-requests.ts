/** Requests as the API counted them, on disk, and their comparison with what clients reported. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DAY_MS, HOUR_MS } from '../../core/duration.ts';
import type {
  ApiRequest,
  ApiRequestSum,
  ApiRequestsAnswer,
  ApiRequestsOutcome,
  ApiRequestsQuery,
  ApiTokens,
  UncountedRequests,
} from '../../ledger/api-requests.ts';
import { idKeyIn } from '../../ledger/stand-ins.ts';
import { ADJUSTMENT, SET_ASIDE } from './batch-codec.ts';

/** By UTC day first: a day is compared, and one day's requests stay together. */
export const API_REQUESTS = `CREATE TABLE api_requests (
     day INTEGER NOT NULL, request TEXT NOT NULL, time_ms INTEGER NOT NULL,
     organization TEXT NOT NULL, workspace TEXT NOT NULL, model TEXT NOT NULL,
     input INTEGER NOT NULL, output INTEGER NOT NULL, cache_read INTEGER NOT NULL,
     cache_creation_5m INTEGER NOT NULL, cache_creation_1h INTEGER NOT NULL,
     list_cost INTEGER,
     PRIMARY KEY (day, request)
   ) WITHOUT ROWID`;

/** A client's event of a request and its span may have clocks of their own, and lie on two days. */
const SLACK_MS = HOUR_MS;
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

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
type Sum = Mutable<Omit<ApiRequestSum, 'tokens'>> & { readonly tokens: Mutable<ApiTokens> };
/** What clients report of the requests of a day, by request, until a span takes it. */
type Reported = Map<string, bigint>;

/** Day by day, with pauses. Memory is that of one day's requests. */
export function* apiRequestSteps(database: DatabaseSync, { fromMs, toMs }: ApiRequestsQuery): Generator<undefined, ApiRequestsAnswer> {
  const sums: ApiRequestSum[] = [];
  const uncounted: UncountedRequests[] = [];
  const any = database.prepare('SELECT MIN(day) AS day FROM api_requests WHERE day >= ? AND day < ?');
  for (let day = Math.floor(fromMs / DAY_MS); ; day++) {
    const next = any.get(day, Math.ceil(toMs / DAY_MS))?.day;
    if (typeof next !== 'number') break;
    day = next;
    const reported = yield* reportedOn(database, day);
    sums.push(...(yield* sumsOf(database, day, reported)));
    uncounted.push(uncountedOf(database, day, reported));
    yield;
  }
  return { sums, uncounted };
}

/** Without what is set aside; a request of several entries (an event and its stand-in) counts as the first that has a cost. */
function* reportedOn(database: DatabaseSync, day: number): Generator<undefined, Reported> {
  const [fromMs, toMs] = [day * DAY_MS - SLACK_MS, (day + 1) * DAY_MS + SLACK_MS];
  const sessions = database.prepare(
    `SELECT id, removed_before_ms FROM sessions WHERE last_ms / ${HOUR_MS} >= CAST(?1 AS INTEGER) / ${HOUR_MS} AND last_ms >= ?1 AND first_ms < ?2`,
  );
  const entries = database.prepare(
    `SELECT request, cost FROM entries WHERE session = ? AND time_ms >= ? AND time_ms < ? AND request IS NOT NULL AND (flags & ${SET_ASIDE | ADJUSTMENT}) = 0`,
  );
  entries.setReadBigInts(true);
  const reported: Reported = new Map();
  let read = 0;
  for (const { id, removed_before_ms } of sessions.all(fromMs, toMs)) {
    for (const { request, cost } of entries.all(Number(id), Math.max(fromMs, Number(removed_before_ms)), toMs)) {
      const key = idKeyIn(String(request));
      if (key === undefined) continue;
      const known = reported.get(key) ?? 0n;
      reported.set(key, known === 0n && typeof cost === 'bigint' ? cost : known);
      if (++read % STEP_ROWS === 0) yield;
    }
  }
  return reported;
}

function* sumsOf(database: DatabaseSync, day: number, reported: Reported): Generator<undefined, ApiRequestSum[]> {
  const rows = database.prepare('SELECT * FROM api_requests WHERE day = ? AND request > ? ORDER BY request LIMIT ?');
  rows.setReadBigInts(true);
  const sums = new Map<string, Sum>();
  for (let after = ''; ; ) {
    const page = rows.all(day, after, STEP_ROWS);
    for (const row of page) addTo(sums, row, day, reported);
    const last = page.at(-1);
    if (last === undefined || page.length < STEP_ROWS) return [...sums.values()];
    after = String(last.request);
    yield;
  }
}

function addTo(sums: Map<string, Sum>, row: Record<string, unknown>, day: number, reported: Reported): void {
  const [organization, workspace, model] = [String(row.organization), String(row.workspace), String(row.model)];
  const reportedCost = reported.get(String(row.request));
  const isReported = reportedCost !== undefined;
  const sum = sums.getOrInsertComputed(JSON.stringify([organization, workspace, model, isReported]), () => ({
    ...{ dayMs: day * DAY_MS, organization, workspace, model, isReported, requests: 0 },
    tokens: { input: 0, output: 0, cacheRead: 0, cacheCreation5m: 0, cacheCreation1h: 0 },
    ...{ listCost: 0n, unpricedRequests: 0, reportedCost: 0n },
  }));
  sum.requests++;
  sum.tokens.input += Number(row.input);
  sum.tokens.output += Number(row.output);
  sum.tokens.cacheRead += Number(row.cache_read);
  sum.tokens.cacheCreation5m += Number(row.cache_creation_5m);
  sum.tokens.cacheCreation1h += Number(row.cache_creation_1h);
  if (typeof row.list_cost === 'bigint') sum.listCost += row.list_cost;
  else sum.unpricedRequests++;
  sum.reportedCost += reportedCost ?? 0n;
}

/** Reported within the day, by its own clock alone, and counted by no span of it or of the days beside. */
function uncountedOf(database: DatabaseSync, day: number, reported: Reported): UncountedRequests {
  const counted = database.prepare('SELECT 1 FROM api_requests WHERE day BETWEEN ?1 - 1 AND ?1 + 1 AND request = ?2');
  let requests = 0;
  let reportedCost = 0n;
  for (const [request, cost] of reported) {
    if (counted.get(day, request) !== undefined) continue;
    requests++;
    reportedCost += cost;
  }
  return { dayMs: day * DAY_MS, requests, reportedCost };
}
