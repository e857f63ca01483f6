/** Statements that write tables of their own, as one: a round trip for all of them. */
import { LRUCache } from 'lru-cache';
import { type Sql, type Statement, statement } from './connection.ts';

/** A statement that answers nothing. */
export interface Part {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Texts differ by the columns of sums that they write: rollup-table.ts bounds how many there are. */
const STATEMENTS_MAX = 500;
const statements = new LRUCache<string, Statement>({ max: STATEMENTS_MAX, memoMethod: statement });
const joined = new LRUCache<string, Statement>({ max: STATEMENTS_MAX });

/** Only on a single database: a distributed one wants each in its own shard. */
export async function runTogether(sql: Sql, parts: readonly Part[]): Promise<void> {
  const [first] = parts;
  if (first === undefined) return;
  if (parts.length === 1) return runEach(sql, parts);
  const key = parts.map(({ text }) => text).join('\n');
  const known = joined.get(key) ?? join(parts);
  joined.set(key, known);
  await sql.run(
    known,
    parts.flatMap(({ values }) => values),
  );
}

/** One after the other. */
export async function runEach(sql: Sql, parts: readonly Part[]): Promise<void> {
  for (const { text, values } of parts) await sql.run(statements.memo(text), values);
}

function join(parts: readonly Part[]): Statement {
  let offset = 0;
  const bodies = parts.map(({ text, values }, index) => {
    const before = offset;
    offset += values.length;
    return `part_${index} AS (${text.replaceAll(/\$(\d+)/g, (_, number: string) => `$${Number(number) + before}`)})`;
  });
  return statement(`WITH ${bodies.join(',\n')} SELECT 1`);
}
