/**
 * Of a ledger in several shards: they have no snapshot in common, so that a reader could see rows in `recent` that are in the roll-ups already.
 * Whoever moves rows makes a number odd before and even after; a reader whose snapshot began while it was odd, or changed, begins another one.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { LedgerlineError } from '../../core/error.ts';
import { type Sql, statement } from './connection.ts';
import { int } from './sql-text.ts';

const READ = statement(`SELECT value FROM meta WHERE name = 'move_epoch'`);
const BEGIN = statement(`INSERT INTO meta AS m (name, value) VALUES ('move_epoch', '1')
  ON CONFLICT (name) DO UPDATE SET value = (m.value::int8 | 1)::text`);
const END = statement(`UPDATE meta SET value = (value::int8 + 1)::text WHERE name = 'move_epoch' AND value::int8 % 2 = 1`);

/** A step of moving takes a third of a second. */
const PAUSE_MS = 50;
const ATTEMPTS = 100;

/** One at a time, under its lease. What was begun by one that ended in the middle is ended by the next. */
export async function whileMoving<Result>(sql: Sql, slots: number, move: () => Promise<Result>): Promise<Result> {
  if (slots === 1) return move();
  await sql.run(BEGIN);
  try {
    return await move();
  } finally {
    await sql.run(END);
  }
}

/** Where nothing is left to move: who moved the last rows may have ended before it could say so. */
export async function endMoving(sql: Sql, slots: number): Promise<void> {
  if (slots > 1) await sql.run(END);
}

/** The snapshot was begun while rows were moved. */
class Moving extends Error {
  override readonly name = 'Moving';
}

/** `begin` is called again until nothing was moved before it calls `isBegun`; `sql`: outside of its snapshot. */
export async function betweenMoves<Result>(sql: Sql, begin: (isBegun: () => Promise<void>) => Promise<Result>): Promise<Result> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const before = await epochOf(sql);
    if (before % 2 === 0) {
      try {
        return await begin(async () => {
          if ((await epochOf(sql)) !== before) throw new Moving('Rows were moved meanwhile.');
        });
      } catch (error) {
        if (!(error instanceof Moving)) throw error;
      }
    }
    await pause(PAUSE_MS);
  }
  throw new LedgerlineError('unavailable', 'Sums are being moved into the roll-ups without a pause.', { hint: 'Ask again in a few seconds.' });
}

async function epochOf(sql: Sql): Promise<number> {
  const [row] = await sql.rows(READ);
  return int(row?.value);
}
