/** Sessions of both, one by one: when they were, what they cost, how many entries they have. */
import { bySlot } from '../postgres/by-slot.ts';
import { bigint, numberArray, type Row } from '../postgres/sql-text.ts';
import type { CopyContext } from './context.ts';
import { COSTS, costsOf, type SourceRow } from './embedded-source.ts';

const PAGE = 1_000;
const COLUMNS = ['first_ms', 'last_ms', 'removed_before_ms', 'numbered_events', 'missing_events', 'held_back_entries'] as const;
const SESSIONS = `SELECT s.*, (SELECT count(*) FROM entries e WHERE e.session = s.id) AS entries,
  (SELECT sum(e.cost / 1000000) FROM entries e WHERE e.session = s.id) AS micros, (SELECT sum(e.cost % 1000000) FROM entries e WHERE e.session = s.id) AS rest
  FROM sessions s WHERE s.id > ? ORDER BY s.id LIMIT ${PAGE}`;
const THERE = `SELECT s.session, ${[...COLUMNS, ...COSTS].map((name) => `s.${name}`).join()}, count(e.identity) AS entries, coalesce(sum(e.cost), 0) AS reported
  FROM sessions s LEFT JOIN entries e ON e.slot = s.slot AND e.part = s.part AND e.session = s.session
  WHERE s.slot = $1 AND s.session = ANY($2::int8[]) GROUP BY s.slot, s.session`;

export async function* sessionDifferences({ source, database, progress, slots }: CopyContext): AsyncGenerator<string, void> {
  for (let last = 0n; ; ) {
    const rows = source.rows(SESSIONS, last);
    const next = rows.at(-1)?.id;
    if (typeof next !== 'bigint') return;
    const marks = await progress.read('sessions', Number(last) + 1, Number(next) + 1);
    const numberOf = (row: SourceRow): number => Number(marks.get(Number(row.id))?.split(' ')[0] ?? -1);
    const there = new Map<number, Row>();
    for (const { slot, items } of bySlot(rows.map(numberOf), slots, (session) => session)) {
      for (const row of await database.rows(THERE, [slot, numberArray(items)])) there.set(Number(row.session), row);
    }
    for (const row of rows) yield* differencesOf(row, there.get(numberOf(row)));
    last = next;
  }
}

function* differencesOf(row: SourceRow, there: Row | undefined): Generator<string, void> {
  const name = `session ${String(row.session_id)}`;
  if (there === undefined) {
    yield `${name}: missing in the copy.`;
    return;
  }
  const reported = bigint(row.micros) * 1_000_000n + bigint(row.rest);
  const expected = { ...Object.fromEntries(COLUMNS.map((column) => [column, row[column]])), ...costsOf(row), entries: row.entries, reported };
  for (const [column, was] of Object.entries(expected)) {
    const is = bigint(there[column]);
    if (was !== is) yield `${name}: ${column} is ${String(was)} at the source, ${is} in the copy.`;
  }
}
