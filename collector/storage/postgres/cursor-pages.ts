/** Rows of a statement some at a time, by a cursor of the driver, which waits for ever where the connection has broken or the server is frozen. */
import type pg from 'pg';
import Cursor from 'pg-cursor';

export interface Paged {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly rowsAtOnce: number;
}

/** `within`: rejects when an answer is not to be waited for any longer. */
export async function* cursorPages(
  client: pg.ClientBase,
  { text, values, rowsAtOnce }: Paged,
  within: <Answer>(answer: Promise<Answer>) => Promise<Answer>,
): AsyncGenerator<(readonly unknown[])[], void> {
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => undefined);
  const onEnd = (): void => gone.reject(new Error('Connection terminated'));
  client.once('end', onEnd);
  const cursor = client.query(new Cursor<readonly unknown[]>(text, [...values], { rowMode: 'array' }));
  let isReading = false;
  try {
    for (;;) {
      isReading = true;
      const rows = await within(cursor.read(rowsAtOnce));
      isReading = false;
      if (rows.length > 0) yield rows;
      if (rows.length < rowsAtOnce) return;
    }
  } finally {
    try {
      // What failed is closed with its transaction.
      if (!isReading) await within(Promise.race([cursor.close(), gone.promise]));
    } finally {
      client.off('end', onEnd);
    }
  }
}
