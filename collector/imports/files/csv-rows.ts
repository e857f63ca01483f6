/** Rows of comma-separated values (RFC 4180) with a header, a piece of the file at a time. */
import { LedgerlineError } from '../../core/error.ts';
import { type FileRow, ROW_CHARACTERS_MAX, type RowsOf } from './row.ts';
import { textPieces } from './text.ts';

const [QUOTE, LINE_FEED] = ['"'.charCodeAt(0), '\n'.charCodeAt(0)];

/** In batches. Throws LedgerlineError `unsupported` where a quote does not end. */
export async function* csvRows({ file, onBroken }: RowsOf): AsyncGenerator<readonly FileRow[]> {
  const splitter = new RecordSplitter(file.name);
  let header: ReadonlyMap<string, number> | undefined;
  let number = 0;
  const rowOf = (record: string): readonly FileRow[] => {
    const cells = cellsOf(record);
    if (header === undefined) {
      header = new Map(cells.map((name, index) => [name.replace(/^\uFEFF/, '').trim(), index]));
      return [];
    }
    if (record.trim() === '') return [];
    number++;
    if (cells.length === header.size) return [new CsvRow(number, cells, header)];
    onBroken(number, `it has ${cells.length} cells, the header ${header.size}`);
    return [];
  };
  for await (const piece of textPieces(file)) yield splitter.push(piece).flatMap(rowOf);
  yield splitter.end().flatMap(rowOf);
}

class CsvRow implements FileRow {
  readonly number: number;
  readonly #cells: readonly string[];
  readonly #header: ReadonlyMap<string, number>;

  constructor(number: number, cells: readonly string[], header: ReadonlyMap<string, number>) {
    this.number = number;
    this.#cells = cells;
    this.#header = header;
  }

  text(column: string): string | undefined {
    const index = this.#indexOf(column);
    return index === undefined ? undefined : this.#cells[index] || undefined;
  }

  has(column: string): boolean {
    return this.#indexOf(column) !== undefined;
  }

  /** Where nested columns are written flat, dots are no part of a name. */
  #indexOf(column: string): number | undefined {
    return this.#header.get(column) ?? this.#header.get(column.replaceAll('.', '_'));
  }
}

/** Cuts at line breaks outside of quotes. */
class RecordSplitter {
  readonly #name: string;
  #rest = '';
  #isQuoted = false;

  constructor(name: string) {
    this.#name = name;
  }

  push(piece: string): string[] {
    const records: string[] = [];
    const text = this.#rest + piece;
    let start = 0;
    for (let at = this.#rest.length; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) this.#isQuoted = !this.#isQuoted;
      else if (code === LINE_FEED && !this.#isQuoted) {
        records.push(text.slice(start, at).replace(/\r$/, ''));
        start = at + 1;
      }
    }
    this.#rest = text.slice(start);
    if (this.#rest.length > ROW_CHARACTERS_MAX) throw this.#broken('a row does not end');
    return records;
  }

  end(): string[] {
    if (this.#isQuoted) throw this.#broken('a quote does not end');
    return this.#rest === '' ? [] : [this.#rest.replace(/\r$/, '')];
  }

  #broken(why: string): LedgerlineError {
    return new LedgerlineError('unsupported', `${this.#name} is not CSV: ${why}.`, { hint: 'Nothing of it was stored. Export it again.' });
  }
}

function cellsOf(record: string): readonly string[] {
  if (!record.includes('"')) return record.split(',');
  const cells: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"([^,]*)|([^,]*))(,|$)/gy;
  for (let found = pattern.exec(record); found !== null; found = pattern.exec(record)) {
    const [, quoted, after = '', plain = '', end] = found;
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"') + after);
    if (end === '') break;
  }
  return cells;
}
