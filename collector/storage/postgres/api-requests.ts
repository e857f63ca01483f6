/** Requests as the API counted them: writing. */
import { DAY_MS } from '../../core/duration.ts';
import type { ApiRequest, ApiRequestsOutcome } from '../../ledger/api-requests.ts';
import { type Sql, statement } from './connection.ts';
import { numberArray, storable, textArray } from './sql-text.ts';

/**
 * A request that is delivered again with another clock's time may lie on the day beside. Two replicas that get it at the same instant, on both
 * sides of midnight, keep it twice; it books nothing.
 */
const INSERT = statement(`INSERT INTO api_requests
  SELECT n.* FROM unnest($1::int4[], $2::text[], $3::int8[], $4::text[], $5::text[], $6::text[], $7::int8[], $8::int8[], $9::int8[], $10::int8[], $11::int8[], $12::int8[])
    AS n (day, request, time_ms, organization, workspace, model, input, output, cache_read, cache_creation_5m, cache_creation_1h, list_cost)
  WHERE NOT EXISTS (SELECT 1 FROM api_requests o WHERE o.day BETWEEN n.day - 1 AND n.day + 1 AND o.request = n.request)
  ORDER BY n.day, n.request ON CONFLICT DO NOTHING`);
const REMOVE = statement(
  `DELETE FROM api_requests WHERE (day, request) IN (SELECT day, request FROM api_requests WHERE day < $1 ORDER BY day, request LIMIT $2)`,
);

const dayOf = ({ timeMs }: ApiRequest): number => Math.floor(timeMs / DAY_MS);

export async function addApiRequests(sql: Sql, requests: readonly ApiRequest[]): Promise<ApiRequestsOutcome> {
  const fresh = withoutRepeats(requests);
  const texts = (of: (request: ApiRequest) => string) => textArray(fresh.map((request) => storable(of(request))));
  const numbers = (of: (request: ApiRequest) => number | bigint | undefined) => numberArray(fresh.map(of));
  const appended = await sql.run(INSERT, [
    ...[numbers(dayOf), texts(({ request }) => request), numbers(({ timeMs }) => timeMs)],
    ...[texts(({ organization }) => organization), texts(({ workspace }) => workspace), texts(({ model }) => model)],
    ...[numbers(({ tokens }) => tokens.input), numbers(({ tokens }) => tokens.output), numbers(({ tokens }) => tokens.cacheRead)],
    ...[numbers(({ tokens }) => tokens.cacheCreation5m), numbers(({ tokens }) => tokens.cacheCreation1h), numbers(({ listCost }) => listCost)],
  ]);
  return { appended, duplicates: requests.length - appended };
}

/** Answers how many went. */
export const removeApiRequestsBefore = (sql: Sql, beforeMs: number, rowsMax: number): Promise<number> =>
  sql.run(REMOVE, [Math.floor(beforeMs / DAY_MS), rowsMax]);

/** Of two within a day of each other the first. */
function withoutRepeats(requests: readonly ApiRequest[]): ApiRequest[] {
  const days = new Map<string, number[]>();
  return requests.filter((request) => {
    const known = days.getOrInsertComputed(request.request, () => []);
    const day = dayOf(request);
    if (known.some((other) => Math.abs(other - day) <= 1)) return false;
    known.push(day);
    return true;
  });
}
