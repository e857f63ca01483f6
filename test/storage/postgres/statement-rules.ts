/**
 * What a database of many shards (Citus) refuses, looked for in the texts of statements, since the suites run on a single one. Sessions and what
 * belongs to them are kept by slot, roll-ups by the number of dimensions; `dims` is everywhere, and all other tables are in one place.
 */
import { REMOVED_SESSIONS, ROLLUPS } from '../../../collector/ledger/rollups.ts';

export const BY_SLOT = ['sessions', 'entries', 'recent', 'state', 'session_places', 'removals'];
export const BY_DIMS = ROLLUPS.filter((rollup) => rollup !== REMOVED_SESSIONS).map(({ table }) => table);

/** What is wrong with a statement, a sentence each. */
export function mistakesIn(sql: string): string[] {
  const text = sql.replaceAll(/\s+/g, ' ').replaceAll('"', '');
  if (!/^(SELECT|INSERT|UPDATE|DELETE|WITH|DECLARE)\b/i.test(text)) return [];
  return [...locks(text), ...writes(text), ...conflicts(text), ...joins(text), ...words(text)];
}

const NAMES_A_SLOT = /\bslot = (\$\d+|\d+)/;

/** After the words that lead to a table, or as one more of those that a statement uses. */
const mentions = (text: string, tables: readonly string[]): string[] =>
  tables.filter((table) => new RegExp(`(\\b(FROM|JOIN|INTO|UPDATE|USING)|\\),) ${table}\\b`).test(text));

/** Rows are locked in one shard at a time, or the order of locks is lost. */
function locks(text: string): string[] {
  if (!/ FOR (NO KEY )?(UPDATE|SHARE|KEY SHARE)\b/.test(text)) return [];
  return mentions(text, [...BY_SLOT, ...BY_DIMS]).length > 0 && !NAMES_A_SLOT.test(text) ? ['locks rows without naming a slot'] : [];
}

function writes(text: string): string[] {
  const found: string[] = [];
  for (const [, verb = '', table = ''] of text.matchAll(/\b(UPDATE|DELETE FROM|INSERT INTO) (\w+)/g)) {
    if (!BY_SLOT.includes(table)) continue;
    const isNamed = verb === 'INSERT INTO' ? new RegExp(`INSERT INTO ${table}( AS \\w+)? \\(slot\\b`).test(text) : NAMES_A_SLOT.test(text);
    if (!isNamed) found.push(`writes ${table} without naming a slot`);
  }
  return found;
}

/** A unique key has the column by which rows are kept. */
function conflicts(text: string): string[] {
  const [, table = ''] = /INSERT INTO (\w+)/.exec(text) ?? [];
  const [, key] = /ON CONFLICT \(([^)]*)\)/.exec(text) ?? [];
  const column = BY_SLOT.includes(table) ? 'slot' : BY_DIMS.includes(table) ? 'dims' : undefined;
  return key === undefined || column === undefined || key.split(/, ?/).includes(column) ? [] : [`has a conflict on ${table} by (${key})`];
}

/** Each branch of a union is planned by itself. */
function joins(text: string): string[] {
  return text.split(/UNION ALL/).flatMap((branch) => {
    const [slots, dims] = [mentions(branch, BY_SLOT), mentions(branch, BY_DIMS)];
    if (slots.length > 0 && dims.length > 0) return [`joins ${slots} with ${dims}`];
    const joined = (branch.match(/\bslot = /g) ?? []).length;
    return slots.length > 1 && joined < slots.length - 1 ? [`joins ${slots} otherwise than by slot`] : [];
  });
}

const WORDS = ['ctid', 'nextval', 'pg_advisory', 'pg_notify', 'LISTEN', 'NOTIFY', 'TEMP'];
const words = (text: string): string[] => WORDS.filter((word) => new RegExp(`\\b${word}`).test(text)).map((word) => `says ${word}`);
