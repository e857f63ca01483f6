/** Comma-separated values, by the rules of every other CSV of the product. A missing value is an empty cell. */
import { BoundedMap } from '../core/bounded-map.ts';
import { csvText } from '../query/csv.ts';
import { cellText } from './cell-text.ts';
import { inPieces } from './pieces.ts';
import type { Cell, Column, Table } from './table.ts';

/** Names that a column remembers. */
const KNOWN_MAX = 4_096;

const encoder = new TextEncoder();

export async function* csvBytes({ columns, pages }: Table): AsyncIterable<Uint8Array> {
  yield encoder.encode(`${columns.map(({ name }) => csvText(name)).join(',')}\r\n`);
  const toCells = columns.map(cellOf);
  for await (const rows of inPieces(pages, columns.length)) {
    const lines = rows.map((row) => row.map((cell, index) => toCells[index]?.(cell)).join(','));
    yield encoder.encode(`${lines.join('\r\n')}\r\n`);
  }
}

/** Names repeat from row to row: looking at each again would be most of the work. */
function cellOf({ type }: Column): (cell: Cell) => string {
  if (type !== 'text' && type !== 'json') return (cell) => (cell === null ? '' : cellText(type, cell));
  const known = new BoundedMap<Cell, string>(KNOWN_MAX);
  return (cell) => (cell === null ? '' : (known.get(cell) ?? known.set(cell, csvText(cellText(type, cell)))));
}
