/** Repricings that were applied: writing. See collector/ledger/repricing.ts. */
import type { Eraser } from '../../ledger/erasure.ts';
import type { NotedRepricing } from '../../ledger/repricing-record.ts';
import { type Sql, statement } from './connection.ts';
import { int } from './sql-text.ts';

/** One that began is noted once, also where nobody knew whether it was. */
const NEXT = statement(`SELECT coalesce(
    (SELECT id FROM repricings WHERE started_ms = $1 AND who = $2 AND book = $3 AND ended_ms IS NULL), (SELECT max(id) + 1 FROM repricings), 1
  ) AS id`);
const NOTE = statement(`INSERT INTO repricings (id, started_ms, who, book, asked, ended_ms, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (id) DO UPDATE SET started_ms = excluded.started_ms, who = excluded.who, book = excluded.book, asked = excluded.asked,
    ended_ms = excluded.ended_ms, outcome = excluded.outcome`);
const WHO = statement('SELECT id, who FROM repricings');
const RENAME = statement('UPDATE repricings SET who = $2 WHERE id = $1');

/** Within a transaction that has the ledger for itself. Answers its id. */
export async function noteRepricing(sql: Sql, { id, startedMs, who, book, asked, endedMs, outcome }: NotedRepricing): Promise<number> {
  const [next] = id === undefined ? await sql.rows(NEXT, [startedMs, who, book]) : [];
  const own = id ?? int(next?.id);
  const values = [own, startedMs, who, book, JSON.stringify(asked), endedMs ?? null, outcome === undefined ? null : JSON.stringify(outcome)];
  await sql.run(NOTE, values);
  return own;
}

/** Whoever repriced may be a user who is erased. Within a transaction. */
export async function renameRepricers(sql: Sql, eraser: Eraser): Promise<void> {
  for (const { id, who } of await sql.rows(WHO)) {
    const renamed = eraser.text(String(who));
    if (renamed !== who) await sql.run(RENAME, [id, renamed]);
  }
}
