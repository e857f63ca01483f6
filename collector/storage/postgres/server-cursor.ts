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
  // A transaction that failed has closed it.
  let isOpen = true;
  try {
    for (;;) {
      isOpen = false;
      const rows = await sql.arrays(`FETCH FORWARD ${rowsAtOnce} FROM ${name}`);
      isOpen = true;
      if (rows.length > 0) yield rows;
      if (rows.length < rowsAtOnce) return;
    }
  } finally {
    if (isOpen) await sql.run(`CLOSE ${name}`).catch(() => undefined);
  }
}
