/** Requests for more among the entries of budgets.sqlite: each with the entry that ended it, where there is one. */
import type { DatabaseSync } from 'node:sqlite';
import type { BudgetRequest, RequestDecision, RequestNews, RequestsAsked } from '../../budgets/request.ts';

/** An approval, a denial or a withdrawal, else the removal of its budget since. */
const ENDED = `LEFT JOIN entries e ON e.request IS NOT NULL AND e.request = r.id
  LEFT JOIN entries g ON e.id IS NULL AND g.id = (SELECT MIN(id) FROM entries INDEXED BY entries_removed WHERE name = r.name AND id > r.id AND what = 'budget_removed')`;
const SELECTED = `SELECT r.id, r.at_ms, r.who, r.body, COALESCE(e.what, g.what) AS end_what, COALESCE(e.who, g.who) AS end_who,
  COALESCE(e.at_ms, g.at_ms) AS end_ms, e.body AS end_body FROM entries r ${ENDED}`;

export function readRequests(database: DatabaseSync, { user, afterId = 0, sinceMs = 0, limit }: RequestsAsked): readonly BudgetRequest[] {
  const where = 'r.asker IS NOT NULL AND r.id > ? AND r.at_ms > ?';
  const order = 'ORDER BY r.id DESC LIMIT ?';
  const rows =
    user === undefined
      ? database.prepare(`${SELECTED} WHERE ${where} ${order}`).all(afterId, sinceMs, limit)
      : database.prepare(`${SELECTED} WHERE ${where} AND r.asker = ? ${order}`).all(afterId, sinceMs, user, limit);
  return rows.map(requestOf);
}

export function readRequest(database: DatabaseSync, id: number): BudgetRequest | undefined {
  const row = database.prepare(`${SELECTED} WHERE r.asker IS NOT NULL AND r.id = ?`).get(id);
  return row === undefined ? undefined : requestOf(row);
}

const NEWS_MAX = 500;

export const readRequestNews = (database: DatabaseSync, afterEntry: number): readonly RequestNews[] =>
  database
    .prepare('SELECT id, request FROM entries WHERE id > ? AND (asker IS NOT NULL OR request IS NOT NULL) ORDER BY id LIMIT ?')
    .all(afterEntry, NEWS_MAX)
    .map(({ id, request }) => ({ entry: Number(id), what: request === null ? 'made' : 'ended', request: Number(request ?? id) }));

/** As the store wrote it: JSON with amounts as text, since its numbers would lose digits. */
type Body = Omit<BudgetRequest, 'id' | 'who' | 'atMs' | 'amount' | 'decision'> & { readonly amount: string };

function requestOf(row: Record<string, unknown>): BudgetRequest {
  const { amount, ...body } = JSON.parse(String(row.body)) as Body;
  return { ...body, amount: BigInt(amount), id: Number(row.id), who: String(row.who), atMs: Number(row.at_ms), decision: decisionOf(row) };
}

const WORDS: Readonly<Record<string, RequestDecision['what']>> = {
  budget_raised: 'approved',
  request_denied: 'denied',
  request_withdrawn: 'withdrawn',
  budget_removed: 'removed',
};

function decisionOf({ end_what, end_who, end_ms, end_body }: Record<string, unknown>): RequestDecision | undefined {
  const what = WORDS[String(end_what)];
  if (what === undefined) return undefined;
  const { why, amount } = JSON.parse(String(end_body ?? '{}')) as { readonly why?: string; readonly amount?: string };
  return {
    ...{ what, who: String(end_who), atMs: Number(end_ms) },
    why: what === 'denied' ? why : undefined,
    amount: amount === undefined ? undefined : BigInt(amount),
  };
}
