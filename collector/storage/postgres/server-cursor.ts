/** Rows of a statement some at a time, in a transaction that other questions are asked in meanwhile. The driver's own cursors let none in between. */
import type { Transaction } from './connection.ts';

const numbers = new WeakMap<Transaction, number>();

export async function* serverCursor(
  sql: Transaction,
  text: string,
  values: readonly unknown[],
  rowsAtOnce: number,
): AsyncGenerator<(readonly unknown[])[], void> {
  const number = (numbers.get(sql) ?? 0) + 1;
  numbers.set(sql, number);
  const name = `walk_${number}`;
  await sql.run(`DECLARE ${name} NO SCROLL CURSOR FOR ${text}`, values);
  try {
    for (;;) {
      const rows = await sql.arrays(`FETCH FORWARD ${rowsAtOnce} FROM ${name}`);
      if (rows.length > 0) yield rows;
      if (rows.length < rowsAtOnce) return;
    }
  } finally {
    // A transaction that failed has closed it.
    await sql.run(`CLOSE ${name}`).catch(() => undefined);
  }
}
