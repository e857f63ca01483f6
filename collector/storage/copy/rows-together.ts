/** Rows of answers by names as the target can hold them: what it cannot tell apart were several rows at the source, and are one here. */
import { storable } from '../postgres/sql-text.ts';

/** Instants that rows are about; other numbers are sums, or when something was first and last. */
const ABOUT = new Set(['startMs', 'dayMs']);
const FIRST = new Set(['firstSeenMs']);
const LAST = new Set(['lastSeenMs', 'lastMs']);

type AnswerRow = Readonly<Record<string, unknown>>;

export function together(rows: readonly object[]): AnswerRow[] {
  const byNames = new Map<string, AnswerRow>();
  for (const row of rows) {
    const cells = Object.entries(row).map(([name, cell]): [string, unknown] => [name, plain(cell)]);
    const key = JSON.stringify(cells.filter(([name, cell]) => !isAmount(name, cell)));
    const known = byNames.get(key);
    byNames.set(key, Object.fromEntries(cells.map(([name, cell]) => [name, isAmount(name, cell) ? both(name, known?.[name], cell) : cell])));
  }
  return [...byNames.values()];
}

function plain(cell: unknown): unknown {
  if (Array.isArray(cell)) return cell.map(plain);
  return typeof cell === 'string' ? storable(cell) : cell;
}

const isAmount = (name: string, cell: unknown): boolean =>
  !ABOUT.has(name) && (typeof cell === 'number' || typeof cell === 'bigint' || (typeof cell === 'object' && cell !== null && !Array.isArray(cell)));

function both(name: string, one: unknown, other: unknown): unknown {
  if (one === undefined) return other;
  if (other === undefined) return one;
  if (typeof one === 'bigint' && typeof other === 'bigint') return one + other;
  if (typeof one === 'object' && typeof other === 'object') return eachOf(one ?? {}, other ?? {});
  const numbers = [Number(one), Number(other)] as const;
  if (FIRST.has(name)) return Math.min(...numbers);
  return LAST.has(name) ? Math.max(...numbers) : numbers[0] + numbers[1];
}

function eachOf(one: object, other: object): AnswerRow {
  const [was, is]: AnswerRow[] = [{ ...one }, { ...other }];
  return Object.fromEntries([...new Set([...Object.keys(one), ...Object.keys(other)])].map((name) => [name, both(name, was?.[name], is?.[name])]));
}
