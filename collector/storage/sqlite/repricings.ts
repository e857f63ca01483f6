/** Repricings that were applied: see collector/ledger/repricing.ts. */
import type { DatabaseSync } from 'node:sqlite';
import type { Eraser } from '../../ledger/erasure.ts';
import type { AppliedRepricing, NotedRepricing } from '../../ledger/repricing-record.ts';
import { repricingOf } from '../answer-rows.ts';

/** `asked` and `outcome` are JSON; an outcome is missing while one runs, and of one during which the collector ended. */
export const REPRICINGS = `CREATE TABLE repricings (
     id INTEGER PRIMARY KEY, started_ms INTEGER NOT NULL, who TEXT NOT NULL, book TEXT NOT NULL, asked TEXT NOT NULL, ended_ms INTEGER, outcome TEXT
   )`;

/** The newest that are answered: one takes minutes, and few are ever made. */
const LISTED_MAX = 1_000;

/** Within a transaction. Answers its id. */
export function noteRepricing(database: DatabaseSync, { id, startedMs, who, book, asked, endedMs, outcome }: NotedRepricing): number {
  const { lastInsertRowid } = database
    .prepare('INSERT OR REPLACE INTO repricings (id, started_ms, who, book, asked, ended_ms, outcome) VALUES (?, ?, ?, ?, ?, ?, ?)')
    .run(id ?? null, startedMs, who, book, JSON.stringify(asked), endedMs ?? null, outcome === undefined ? null : JSON.stringify(outcome));
  return Number(lastInsertRowid);
}

export const readRepricings = (database: DatabaseSync): AppliedRepricing[] =>
  database.prepare('SELECT * FROM repricings ORDER BY id DESC LIMIT ?').all(LISTED_MAX).map(repricingOf);

/** Whoever repriced may be a user who is erased. Within a transaction. */
export function renameRepricers(database: DatabaseSync, eraser: Eraser): void {
  const update = database.prepare('UPDATE repricings SET who = ? WHERE id = ?');
  // All of them, and not only those that are answered.
  for (const { id, who } of database.prepare('SELECT id, who FROM repricings').all()) {
    const renamed = eraser.text(String(who));
    if (renamed !== who) update.run(renamed, Number(id));
  }
}
