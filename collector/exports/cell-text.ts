/** Cells as text, for the formats that are text. */
import { BoundedMap } from '../core/bounded-map.ts';
import { LedgerlineError } from '../core/error.ts';
import { formatDecimal } from './decimal.ts';
import type { Cell, ColumnType } from './table.ts';

/** Throws for a cell that is not of its column's type: a mistake of ours, which must not become a wrong figure in a file. */
export function cellText(type: ColumnType, cell: NonNullable<Cell>): string {
  if (typeof cell === 'bigint') return type === 'count' ? cell.toString() : formatDecimal(type === 'usd' ? 'usd' : 'quantity', cell);
  if (typeof cell === 'number') return instantText(type, cell);
  if (type !== 'text' && type !== 'json') throw new LedgerlineError('internal', `A cell of type ${type} is text.`);
  return cell;
}

/** Rows come in the order of time: mostly it is one of the last. */
const INSTANTS_MAX = 1_000;
const instants = new BoundedMap<number, { readonly instant: string; readonly second: string }>(INSTANTS_MAX);

function instantText(type: ColumnType, ms: number): string {
  if (type !== 'instant' && type !== 'second') throw new LedgerlineError('internal', `A cell of type ${type} is a time.`);
  return (instants.get(ms) ?? instants.set(ms, textsOf(ms)))[type];
}

function textsOf(ms: number): { readonly instant: string; readonly second: string } {
  const instant = new Date(ms).toISOString();
  return { instant, second: instant.replace(/\.\d+Z$/, 'Z') };
}
