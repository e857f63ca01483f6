/** Small tables of a database, each as a whole. What each replica has of its own is put together. */
import { ERASURE_KEY } from '../../erased-names.ts';
import type { Sql } from '../../postgres/connection.ts';
import type { Cells, SmallTable } from '../ends.ts';
import { type Column, cellsOf, int8, text } from './tables.ts';

interface Question {
  readonly sql: string;
  readonly columns: readonly Column[];
}

const SMALL: Readonly<Record<SmallTable, Question>> = {
  state: { sql: 'SELECT name, sum(value) FROM state GROUP BY name ORDER BY name', columns: [text('name'), int8('value')] },
  people: {
    sql: 'SELECT dims, min(first_minute), max(last_minute) FROM people GROUP BY dims ORDER BY dims',
    columns: ['dims', 'first_minute', 'last_minute'].map(int8),
  },
  dimension_values: {
    sql: 'SELECT dimension, value, seen_day, has_spend FROM dimension_values ORDER BY dimension, value',
    columns: [text('dimension'), text('value'), int8('seen_day'), { name: 'has_spend', type: 'boolean' }],
  },
  closed_months: {
    sql: 'SELECT month, from_quarter, to_quarter, closed_ms, totals FROM closed_months ORDER BY month',
    columns: [text('month'), int8('from_quarter'), int8('to_quarter'), int8('closed_ms'), text('totals')],
  },
  moved_postings: {
    sql: 'SELECT to_quarter, from_quarter, dims, month, at_ms, sums FROM moved_postings ORDER BY to_quarter, from_quarter, dims, replica',
    columns: [int8('to_quarter'), int8('from_quarter'), int8('dims'), text('month'), int8('at_ms'), text('sums')],
  },
  repricings: {
    sql: 'SELECT id, started_ms, who, book, asked, ended_ms, outcome FROM repricings ORDER BY id',
    columns: [int8('id'), int8('started_ms'), text('who'), text('book'), text('asked'), int8('ended_ms'), text('outcome')],
  },
  erased: { sql: 'SELECT digest, value FROM erased ORDER BY digest', columns: [text('digest'), text('value')] },
};

export async function readSmall(sql: Sql, table: SmallTable): Promise<Cells[]> {
  const { sql: asked, columns } = SMALL[table];
  return (await sql.arrays(asked)).map((row) => cellsOf(row, columns));
}

export async function readErasureKey(sql: Sql): Promise<string | undefined> {
  const [key] = await sql.rows('SELECT value FROM meta WHERE name = $1', [ERASURE_KEY]);
  return typeof key?.value === 'string' ? key.value : undefined;
}
