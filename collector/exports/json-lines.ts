/** JSON Lines: one object a row. Money is a string, as in REST; counts are numbers while a number holds them. */
import { cellText } from './cell-text.ts';
import type { Cell, Column, ColumnType, Table, TableRow } from './table.ts';

const encoder = new TextEncoder();

export async function* jsonLinesBytes({ columns, pages }: Table): AsyncIterable<Uint8Array> {
  const fields = columns.map(({ name, type }) => ({ prefix: `${JSON.stringify(name)}:`, type }));
  for await (const rows of pages) if (rows.length > 0) yield encoder.encode(rows.map((row) => toLine(row, fields)).join(''));
}

interface Field {
  readonly prefix: string;
  readonly type: Column['type'];
}

const toLine = (row: TableRow, fields: readonly Field[]): string =>
  `{${fields.map(({ prefix, type }, index) => prefix + jsonOf(type, row[index] ?? null)).join(',')}}\n`;

function jsonOf(type: ColumnType, cell: Cell): string {
  if (cell === null) return 'null';
  if (type === 'json' && typeof cell === 'string') return cell;
  if (type === 'count' && typeof cell === 'bigint' && Number.isSafeInteger(Number(cell))) return cell.toString();
  return JSON.stringify(cellText(type, cell));
}
