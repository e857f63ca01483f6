/** Columns that line up: text to the left, figures to the right. */
import { paint, type Terminal } from './terminal.ts';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

const GAP = '  ';

/** Lines of a table. `total` is set apart by a rule. */
export function table(terminal: Terminal, columns: readonly Column[], rows: readonly (readonly string[])[], total?: readonly string[]): string[] {
  const all = total === undefined ? rows : [...rows, total];
  const widths = columns.map(({ title }, index) => Math.max(title.length, ...all.map((row) => (row[index] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, index) =>
        align === 'left' ? (cells[index] ?? '').padEnd(widths[index] ?? 0) : (cells[index] ?? '').padStart(widths[index] ?? 0),
      )
      .join(GAP)
      .trimEnd();
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width, 0) + GAP.length * (columns.length - 1));
  const head = [paint(terminal, 'bold', line(columns.map(({ title }) => title))), rule];
  return [...head, ...rows.map(line), ...(total === undefined ? [] : [rule, paint(terminal, 'bold', line(total))])];
}

/** Names come from telemetry; control characters could rewrite what the terminal shows. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '�');

/** 1234567 as "1,234,567". */
export const withThousands = (value: string | number | bigint): string => BigInt(value).toLocaleString('en');

/** 151634 as "151.6k", for lines with many figures. */
export function short(count: bigint): string {
  const value = Number(count);
  if (value < 1_000) return String(value);
  if (value < 1_000_000) return `${(value / 1_000).toFixed(1)}k`;
  return value < 1_000_000_000 ? `${(value / 1_000_000).toFixed(1)}m` : `${(value / 1_000_000_000).toFixed(1)}b`;
}

/** 23590200 ms as "6h 33m 10.2s". */
export function duration(ms: bigint | number): string {
  const tenths = Math.round(Number(ms) / 100);
  const hours = Math.floor(tenths / 36_000);
  const minutes = Math.floor(tenths / 600) % 60;
  const seconds = ((tenths % 600) / 10).toFixed(1);
  return `${hours > 0 ? `${hours}h ` : ''}${hours > 0 || minutes > 0 ? `${minutes}m ` : ''}${seconds}s`;
}
