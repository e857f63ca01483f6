/** What sessions of an embedded ledger came to, for a comparison with their copy. */
import type { DatabaseSync } from 'node:sqlite';
import { ENTRY_OPTIONS, ENTRY_SUMS, ENTRY_TEXTS, type Figures, ofEntries, SESSION_FIGURES } from '../ends.ts';
import { linkFigures } from '../link-figures.ts';
import { cellsOf, costsOf, type EmbeddedRow, rowsOf } from './rows.ts';

/** Sums of two parts each: one of many entries may be beyond 64 bits. */
const PART = 1_000_000n;
const SUMS = ENTRY_SUMS.flatMap((name) => [`sum(${name} / ${PART}) AS ${name}_parts`, `sum(${name} % ${PART}) AS ${name}_rest`]);
const TEXTS = ENTRY_TEXTS.map((name) => `sum(length(${name})) AS ${name}_all`);
const OPTIONS = ENTRY_OPTIONS.map((name) => `count(${name}) AS ${name}_all`);
const AMONG = 'IN (SELECT value FROM json_each(?1))';
const LINKS = `SELECT day, is_pool, key, session FROM session_links WHERE session ${AMONG}`;
const SESSIONS = `SELECT s.*, (SELECT before_ms FROM removals r WHERE r.session = s.id) AS removal, e.* FROM sessions s LEFT JOIN (
    SELECT session, count(*) AS entries, ${[...SUMS, ...TEXTS, ...OPTIONS].join()} FROM entries WHERE session ${AMONG} GROUP BY session
  ) e ON e.session = s.id WHERE s.id ${AMONG}`;

export function readFigures(database: DatabaseSync, sessions: readonly number[]): Map<number, Figures> {
  const links = linkFigures(rowsOf(database, LINKS, JSON.stringify(sessions)).map(cellsOf));
  return new Map(
    rowsOf(database, SESSIONS, JSON.stringify(sessions)).map((row) => {
      const columns = Object.fromEntries(SESSION_FIGURES.map((name) => [name, bigint(row[name])]));
      const own = { ...columns, ...costsOf(row), removal: bigint(row.removal), entries: bigint(row.entries), ...entriesOf(row) };
      return [Number(row.id), { ...own, ...links(Number(row.id)) }];
    }),
  );
}

const entriesOf = (row: EmbeddedRow): Figures => ({
  ...Object.fromEntries(ENTRY_SUMS.map((name) => [ofEntries(name), bigint(row[`${name}_parts`]) * PART + bigint(row[`${name}_rest`])])),
  ...Object.fromEntries([...ENTRY_TEXTS, ...ENTRY_OPTIONS].map((name) => [ofEntries(name), bigint(row[`${name}_all`])])),
});

const bigint = (value: unknown): bigint => BigInt(String(value ?? 0));
