/** Reads comma-separated values as RFC 4180 has them, with a header. */
import { LedgerlineError } from './error.ts';

export interface CsvRow {
  /** Line of the file that it begins in, from 1. */
  readonly line: number;
  /** Trimmed, by the column's position; '' where the row is shorter. */
  readonly cells: readonly string[];
}

export interface CsvTable {
  /** As they are written, trimmed. */
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

/** `file` is named in errors only. Throws `invalid` for a quote that does not end. Empty lines are left out. */
export function parseCsvTable(text: string, file: string): CsvTable {
  const rows = readRows(text.replace(/^\uFEFF/, ''), file).filter(({ cells }) => cells.some((cell) => cell !== ''));
  const [header, ...rest] = rows;
  return { columns: header?.cells ?? [], rows: rest };
}

function readRows(text: string, file: string): CsvRow[] {
  const rows: CsvRow[] = [];
  let [cells, line, startLine]: [string[], number, number] = [[], 1, 1];
  // A cell in quotes, one without, and what ends it.
  const pattern = /(?:"((?:[^"]|"")*)"[^\S\r\n]*|([^,\r\n]*))(,|\r\n|\r|\n|$)/y;
  while (pattern.lastIndex < text.length) {
    const found = pattern.exec(text);
    const [whole = '', quoted, plain = '', end = ''] = found ?? [];
    if (found === null || (quoted === undefined && plain.trimStart().startsWith('"'))) {
      throw new LedgerlineError('invalid', `${file} is not CSV: a quote in line ${line} does not end, or not at the end of its cell.`, {
        hint: 'Put cells with commas, quotes or line breaks in quotes, and write a quote inside them twice.',
      });
    }
    cells.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    line += whole.match(/\r\n|\r|\n/g)?.length ?? 0;
    if (end === ',' && pattern.lastIndex < text.length) continue;
    if (end === ',') cells.push('');
    rows.push({ line: startLine, cells });
    [cells, startLine] = [[], line];
  }
  return rows;
}
