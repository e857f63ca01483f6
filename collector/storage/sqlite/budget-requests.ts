/** Requests for more among the entries of budgets.sqlite: each with the entry that ended it, where there is one. */
import type { DatabaseSync } from 'node:sqlite';
import type { RequestsAsked } from '../../budgets/request.ts';
import { type EntryRow, NEWS_MAX } from '../budget-rows.ts';

/** An approval, a denial or a withdrawal, else the removal of its budget since. */
const ENDED = `LEFT JOIN entries e ON e.request IS NOT NULL AND e.request = r.id
  LEFT JOIN entries g ON e.id IS NULL AND g.id = (SELECT MIN(id) FROM entries INDEXED BY entries_removed WHERE name = r.name AND id > r.id AND what = 'budget_removed')`;
const SELECTED = `SELECT r.id, r.at_ms, r.who, r.body, COALESCE(e.what, g.what) AS end_what, COALESCE(e.who, g.who) AS end_who,
  COALESCE(e.at_ms, g.at_ms) AS end_ms, e.body AS end_body FROM entries r ${ENDED}`;

export function readRequests(database: DatabaseSync, { user, afterId = 0, sinceMs = 0, limit }: RequestsAsked): readonly EntryRow[] {
  const where = 'r.asker IS NOT NULL AND r.id > ? AND r.at_ms > ?';
  const order = 'ORDER BY r.id DESC LIMIT ?';
  return user === undefined
    ? database.prepare(`${SELECTED} WHERE ${where} ${order}`).all(afterId, sinceMs, limit)
    : database.prepare(`${SELECTED} WHERE ${where} AND r.asker = ? ${order}`).all(afterId, sinceMs, user, limit);
}

export const readRequest = (database: DatabaseSync, id: number): EntryRow | undefined =>
  database.prepare(`${SELECTED} WHERE r.asker IS NOT NULL AND r.id = ?`).get(id);

/** Entries that made or ended a request, and removals of budgets with each request that went with them: a removal is read whole, or not yet. */
const NEWS = `SELECT n.id, n.what, COALESCE(n.request, r.id) AS request FROM (
    SELECT id, what, name, request FROM entries WHERE id > ? AND (asker IS NOT NULL OR request IS NOT NULL OR what = 'budget_removed') ORDER BY id LIMIT ?
  ) n LEFT JOIN entries r ON n.what = 'budget_removed' AND r.name = n.name AND r.asker IS NOT NULL AND r.id < n.id
    AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.request IS NOT NULL AND e.request = r.id)
    AND NOT EXISTS (SELECT 1 FROM entries b WHERE b.what = 'budget_removed' AND b.name = n.name AND b.id > r.id AND b.id < n.id)
  ORDER BY n.id, r.id`;

export const readRequestNews = (database: DatabaseSync, afterEntry: number): readonly EntryRow[] => database.prepare(NEWS).all(afterEntry, NEWS_MAX);
