/** An answer as text that a model reads well: a line for each field, a table for a list of things that have the same fields. */
import { visible } from '../core/visible.ts';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isFlat = (value: unknown): boolean => typeof value !== 'object' || value === null;

export const answerText = (answer: Fields): string => linesOf(answer).join('\n');

const linesOf = (fields: Fields): string[] =>
  Object.entries(fields).flatMap(([name, value]) => {
    const key = cell(name);
    if (value === undefined) return [];
    if (isFlat(value)) return [`${key}: ${cell(value)}`];
    if (Array.isArray(value)) return listLines(key, value);
    return isFields(value) && Object.keys(value).length > 0 ? [`${key}:`, ...indented(linesOf(value))] : [`${key}: none`];
  });

function listLines(key: string, list: readonly unknown[]): string[] {
  if (list.length === 0) return [`${key}: none`];
  if (list.every(isShort)) return [`${key}: ${list.map(cell).join(', ')}`];
  const items = list.filter(isFields);
  if (items.length < list.length) return [`${key}:`, ...list.map((item) => `- ${isFlat(item) ? cell(item) : JSON.stringify(item)}`)];
  const rows = items.map(flattened);
  if (rows.every((row) => Object.values(row).every(isFlat))) return [`${key}:`, ...tableLines(rows)];
  return [`${key}:`, ...items.flatMap((item) => indented(linesOf(item)).map((line, index) => (index === 0 ? `-${line.slice(1)}` : line)))];
}

/** What stands one level deeper has both names in its column: values.team. */
const flattened = (item: Fields): Fields =>
  Object.fromEntries(
    Object.entries(item).flatMap(([key, value]) =>
      isFields(value) ? Object.entries(value).map(([inner, field]) => [`${key}.${inner}`, field] as const) : [[key, value] as const],
    ),
  );

function tableLines(items: readonly Fields[]): string[] {
  const columns = [...new Set(items.flatMap((item) => Object.keys(item)))];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(columns.map(cell)), line(columns.map(() => '---')), ...items.map((item) => line(columns.map((column) => cell(item[column] ?? ''))))];
}

/** Figures and names fit on one line together; sentences do not. */
const isShort = (value: unknown): boolean => isFlat(value) && !String(value).includes(' ');

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** Backslashes before a bar would undo the one that is put before it. */
const BAR = /\\*\|/g;

/** Names come from telemetry: none may begin a line or a cell of its own. */
const cell = (value: unknown): string =>
  visible(value === null ? 'none' : String(value)).replaceAll(BAR, (bar) => `${'\\'.repeat(2 * bar.length - 1)}|`);
