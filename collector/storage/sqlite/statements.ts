/** Prepared statements by their text: filters and measures make many texts, so the least recently used give way. */
import type { StatementSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';

const STATEMENTS_MAX = 500;

/** `prepare` is called for a text that is not, or no longer, known. */
export function createStatements(prepare: (sql: string) => StatementSync): (sql: string) => StatementSync {
  const prepared = new LRUCache<string, StatementSync>({ max: STATEMENTS_MAX, memoMethod: prepare });
  return (sql) => prepared.memo(sql);
}
