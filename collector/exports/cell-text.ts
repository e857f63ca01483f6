/** Cells as text, for the formats that are text. */
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

/** Rows come in the order of time: mostly it is the one before again. */
let last = { ms: Number.NaN, instant: '', second: '' };

function instantText(type: ColumnType, ms: number): string {
  if (type !== 'instant' && type !== 'second') throw new LedgerlineError('internal', `A cell of type ${type} is a time.`);
  if (last.ms !== ms) {
    const instant = new Date(ms).toISOString();
    last = { ms, instant, second: instant.replace(/\.\d+Z$/, 'Z') };
  }
  return last[type];
}
