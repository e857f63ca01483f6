/** Rows of JSON Lines, as BigQuery exports them. */
import { type FileRow, ROW_CHARACTERS_MAX, type RowsOf, textOf } from './row.ts';
import { textPieces } from './text.ts';

/** In batches. A line that is no object is broken, and reading goes on. */
export async function* jsonRows({ file, onBroken }: RowsOf): AsyncGenerator<readonly FileRow[]> {
  let rest = '';
  let isSkipping = false;
  let number = 0;
  const rowOf = (line: string): readonly FileRow[] => {
    if (line.trim() === '') return [];
    number++;
    const value = parsed(line);
    const has = (column: string): boolean => value !== undefined && valueAt(value, column) !== undefined;
    if (value !== undefined) return [{ number, text: (column) => textOf(valueAt(value, column)), has }];
    onBroken(number, 'it is no JSON object');
    return [];
  };
  for await (const piece of textPieces(file)) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    // The end of a line that was too long.
    if (isSkipping && lines.length > 0) {
      lines.shift();
      isSkipping = false;
    }
    if (isSkipping) rest = '';
    else if (rest.length > ROW_CHARACTERS_MAX) {
      onBroken(++number, 'it is too long');
      [rest, isSkipping] = ['', true];
    }
    yield lines.flatMap(rowOf);
  }
  yield isSkipping ? [] : rowOf(rest);
}

function parsed(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** "project.id" of { project: { id } }, or of { "project.id" } or { project_id } where it is written flat. */
function valueAt(row: object, column: string): unknown {
  for (const name of [column, column.replaceAll('.', '_')]) if (Object.hasOwn(row, name)) return Reflect.get(row, name);
  let value: unknown = row;
  for (const name of column.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}
