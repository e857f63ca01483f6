/** What the API counted, beside what clients reported of the same requests. */
import { DAY_MS } from '../../core/duration.ts';
import { turnWhileWanted } from '../../core/wanted.ts';
import { ApiRequestSums, CLOCK_SLACK_MS } from '../../ledger/api-request-sums.ts';
import type { ApiRequestSum, ApiRequestsAnswer, ApiRequestsQuery, UncountedRequests } from '../../ledger/api-requests.ts';
import { apiRequestOf } from '../answer-rows.ts';
import { ADJUSTMENT, SET_ASIDE } from '../batch-codec.ts';
import { plain } from './conditions.ts';
import { type Sql, statement, type Transaction } from './connection.ts';
import { entriesBetween } from './entries-between.ts';
import { bigint, int, textArray } from './sql-text.ts';

const STEP_ROWS = 5_000;

const DAYS = statement('SELECT DISTINCT day FROM api_requests WHERE day >= $1::int8 AND day < $2::int8 ORDER BY day');
const PAGE = statement('SELECT * FROM api_requests WHERE day = $1 AND request > $2 ORDER BY request LIMIT $3');
const COUNTED = statement('SELECT DISTINCT request FROM api_requests WHERE day BETWEEN $1 - 1 AND $1 + 1 AND request = ANY($2::text[])');
/** Without what is set aside. */
const WITH_REQUEST = plain(`e.request IS NOT NULL AND (e.flags & ${SET_ASIDE | ADJUSTMENT}) = 0`);

/** Day by day. */
export async function readApiRequests(sql: Transaction, { fromMs, toMs }: ApiRequestsQuery): Promise<ApiRequestsAnswer> {
  const sums: ApiRequestSum[] = [];
  const uncounted: UncountedRequests[] = [];
  for (const row of await sql.rows(DAYS, [Math.floor(fromMs / DAY_MS), Math.ceil(toMs / DAY_MS)])) {
    const day = int(row.day);
    const ofDay = new ApiRequestSums(day * DAY_MS);
    await report(ofDay, sql, day);
    await count(ofDay, sql, day);
    sums.push(...ofDay.sums);
    const counted = await countedOf(sql, day, [...ofDay.reportedRequests]);
    uncounted.push(ofDay.uncounted((request) => counted.has(request)));
  }
  return { sums, uncounted };
}

async function report(ofDay: ApiRequestSums, sql: Transaction, day: number): Promise<void> {
  const range = { fromMs: day * DAY_MS - CLOCK_SLACK_MS, toMs: (day + 1) * DAY_MS + CLOCK_SLACK_MS };
  for await (const page of entriesBetween(sql, range, 'e.request, e.identity, e.cost', WITH_REQUEST))
    for (const [request, identity, cost] of page) ofDay.report(String(request), String(identity), bigint(cost));
}

async function count(ofDay: ApiRequestSums, sql: Sql, day: number): Promise<void> {
  for (let after = ''; ; ) {
    const page = await sql.rows(PAGE, [day, after, STEP_ROWS]);
    for (const row of page) ofDay.count(apiRequestOf(row));
    const last = page.at(-1);
    if (last === undefined || page.length < STEP_ROWS) return;
    after = String(last.request);
    await turnWhileWanted();
  }
}

async function countedOf(sql: Sql, day: number, requests: readonly string[]): Promise<ReadonlySet<string>> {
  const counted = new Set<string>();
  for (let at = 0; at < requests.length; at += STEP_ROWS) {
    for (const { request } of await sql.rows(COUNTED, [day, textArray(requests.slice(at, at + STEP_ROWS))])) counted.add(String(request));
    await turnWhileWanted();
  }
  return counted;
}
