/** Requests for more among the entries of the journal: each with the entry that ended it, where there is one. */
import type { RequestsAsked } from '../../budgets/request.ts';
import { NEWS_MAX } from '../budget-rows.ts';
import { type Sql, statement } from './connection.ts';
import { type Row, storable } from './sql-text.ts';

/** An approval, a denial or a withdrawal, else the removal of its budget since. */
const ENDED = `LEFT JOIN budget_entries e ON e.request = r.id
  LEFT JOIN LATERAL (
    SELECT what, who, at_ms FROM budget_entries WHERE e.id IS NULL AND name = r.name AND id > r.id AND what = 'budget_removed' ORDER BY id LIMIT 1
  ) g ON true`;
const SELECTED = `SELECT r.id, r.at_ms, r.who, r.body, coalesce(e.what, g.what) AS end_what, coalesce(e.who, g.who) AS end_who,
  coalesce(e.at_ms, g.at_ms) AS end_ms, e.body AS end_body FROM budget_entries r ${ENDED}`;
const WHERE = 'r.asker IS NOT NULL AND r.id > $1 AND r.at_ms > $2';
const ORDER = 'ORDER BY r.id DESC LIMIT $3';

const REQUESTS = statement(`${SELECTED} WHERE ${WHERE} ${ORDER}`);
const REQUESTS_OF = statement(`${SELECTED} WHERE ${WHERE} AND r.asker = $4 ${ORDER}`);
const REQUEST = statement(`${SELECTED} WHERE r.asker IS NOT NULL AND r.id = $1`);
/** Entries that made or ended a request, and removals of budgets with each request that went with them: a removal is read whole, or not yet. */
const NEWS = statement(
  `SELECT n.id, n.what, coalesce(n.request, r.id) AS request FROM (
    SELECT id, what, name, request FROM budget_entries
    WHERE id > $1 AND (asker IS NOT NULL OR request IS NOT NULL OR what = 'budget_removed') ORDER BY id LIMIT ${NEWS_MAX}
  ) n LEFT JOIN budget_entries r ON n.what = 'budget_removed' AND r.name = n.name AND r.asker IS NOT NULL AND r.id < n.id
    AND NOT EXISTS (SELECT 1 FROM budget_entries e WHERE e.request = r.id)
    AND NOT EXISTS (SELECT 1 FROM budget_entries b WHERE b.what = 'budget_removed' AND b.name = n.name AND b.id > r.id AND b.id < n.id)
  ORDER BY n.id, r.id`,
);
const SINCE = statement('SELECT count(*) AS made FROM budget_entries WHERE asker IS NOT NULL AND at_ms > $1');

export const readRequests = (sql: Sql, { user, afterId = 0, sinceMs = 0, limit }: RequestsAsked): Promise<readonly Row[]> =>
  user === undefined ? sql.rows(REQUESTS, [afterId, sinceMs, limit]) : sql.rows(REQUESTS_OF, [afterId, sinceMs, limit, storable(user)]);

export const readRequest = async (sql: Sql, id: number): Promise<Row | undefined> => (await sql.rows(REQUEST, [id]))[0];

export const readRequestNews = (sql: Sql, afterEntry: number): Promise<readonly Row[]> => sql.rows(NEWS, [afterEntry]);

export const countRequestsSince = async (sql: Sql, ms: number): Promise<number> => Number((await sql.rows(SINCE, [ms]))[0]?.made ?? 0);
