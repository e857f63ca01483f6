/** Comma-separated values, by the rules of every other CSV of the product. A missing value is an empty cell. */
import { csvText } from '../query/csv.ts';
import { cellText } from './cell-text.ts';
import type { Cell, Column, Table, TableRow } from './table.ts';

const encoder = new TextEncoder();

export async function* csvBytes({ columns, pages }: Table): AsyncIterable<Uint8Array> {
  yield encoder.encode(`${columns.map(({ name }) => csvText(name)).join(',')}\r\n`);
  const toCells = columns.map(cellOf);
  for await (const rows of pages) if (rows.length > 0) yield encoder.encode(rows.map((row) => toLine(row, toCells)).join(''));
}

type ToCell = (cell: Cell) => string;

function toLine(row: TableRow, toCells: readonly ToCell[]): string {
  let line = '';
  for (const [index, toCell] of toCells.entries()) line += `${index === 0 ? '' : ','}${toCell(row[index] ?? null)}`;
  return `${line}\r\n`;
}

/** Names repeat from row to row: looking at each again would be most of the work. */
function cellOf({ type }: Column): ToCell {
  if (type !== 'text' && type !== 'json') return (cell) => (cell === null ? '' : cellText(type, cell));
  let last: { readonly cell: Cell; readonly text: string } = { cell: null, text: '' };
  return (cell) => {
    if (cell === null) return '';
    if (last.cell !== cell) last = { cell, text: csvText(cellText(type, cell)) };
    return last.text;
  };
}
