/** Comma-separated values as RFC 4180 has them, safe to open in a spreadsheet. The only place that writes them. */

export type Cell = string | number;

/**
 * Names come from telemetry, and a spreadsheet runs one that begins like a formula, also in full width, after spaces or behind what it takes for
 * a separator: which that is depends on the language of whoever opens the file. Amounts are ours and stay as they are.
 */
const FORMULA = /(?<=^|[,;|\t\r\n"])(?=[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠﹢﹣﹦﹫])/gu;
const LEADING = /^(?=[\t\r\n])/;
const NUMBER = /^-?\d+(\.\d+)?$/;

export const toCsv = (columns: readonly string[], rows: readonly (readonly Cell[])[]): string => [...csvPieces(columns, rows)].join('');

/** So many rows are one piece. */
const PIECE_ROWS = 1_000;

/** The same, piece by piece. */
export function* csvPieces(columns: readonly string[], rows: readonly (readonly Cell[])[]): Iterable<string> {
  yield toLine(columns);
  for (let from = 0; from < rows.length; from += PIECE_ROWS)
    yield rows
      .slice(from, from + PIECE_ROWS)
      .map(toLine)
      .join('');
}

const toLine = (row: readonly Cell[]): string => `${row.map(toCell).join(',')}\r\n`;

function toCell(cell: Cell): string {
  return typeof cell === 'number' ? String(cell) : csvText(cell);
}

/** A text as one cell. */
export function csvText(cell: string): string {
  const text = NUMBER.test(cell) ? cell : harmless(cell);
  // In quotes, too, whatever another reader might part a line at.
  return /[",;|\t\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

function harmless(text: string): string {
  const safe = text.replaceAll(FORMULA, "'");
  return LEADING.test(safe) ? `'${safe}` : safe;
}
