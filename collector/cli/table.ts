/** Columns that line up: text to the left, figures to the right, no wider than the terminal. */
import { fitColumns } from './fit.ts';
import { paint, type Style, type Terminal } from './terminal.ts';
import { type Cut, cutTo, displayWidth, padTo } from './width.ts';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Where a terminal is too narrow, the column with the highest number is left out first. Without one it stays. */
  readonly priority?: number | undefined;
  /** Where its cells are cut. Default: text at the end, figures never. */
  readonly cut?: Cut | 'never' | undefined;
  /** So many columns are enough to know a name by, where others can be left out. Default: 12. */
  readonly comfortable?: number | undefined;
  /** How a cell is painted. */
  readonly style?: ((cell: string) => Style) | undefined;
}

const GAP = '  ';

/** Lines of a table. `total` is set apart by a rule. Columns that a terminal has no room for are named below it. */
export function table(terminal: Terminal, columns: readonly Column[], rows: readonly (readonly string[])[], total?: readonly string[]): string[] {
  const widths = widthsOf(terminal, columns, total === undefined ? rows : [...rows, total]);
  const line = (cells: readonly string[], { isHead = false } = {}): string =>
    columns
      .flatMap((column, index) => {
        const width = widths[index];
        if (width === undefined) return [];
        const cell = cells[index] ?? '';
        const shown = padTo(width, cutTo(width, cell, cutOf(column)), column.align);
        return [column.style === undefined || isHead ? shown : paint(terminal, column.style(cell), shown)];
      })
      .join(GAP)
      .trimEnd();
  const shown = widths.filter((width) => width !== undefined);
  const rule = '─'.repeat(shown.reduce((sum, width) => sum + width, 0) + GAP.length * (shown.length - 1));
  const head = [
    paint(
      terminal,
      'bold',
      line(
        columns.map(({ title }) => title),
        { isHead: true },
      ),
    ),
    rule,
  ];
  const left = columns.filter((_, index) => widths[index] === undefined).map(({ title }) => title);
  return [
    ...head,
    ...rows.map((cells) => line(cells)),
    ...(total === undefined ? [] : [rule, paint(terminal, 'bold', line(total))]),
    ...(left.length === 0
      ? []
      : [paint(terminal, 'dim', cutTo(terminal.columns ?? Number.POSITIVE_INFINITY, `Not shown, too wide: ${left.join(', ')}.`))]),
  ];
}

const cutOf = ({ cut, align }: Column): Cut => (cut === undefined || cut === 'never' ? (align === 'left' ? 'end' : 'middle') : cut);

function widthsOf({ columns: available }: Terminal, columns: readonly Column[], rows: readonly (readonly string[])[]): (number | undefined)[] {
  const measured = columns.map(({ title, align, priority, cut, comfortable }, index) => {
    const titleWidth = displayWidth(title);
    const width = rows.reduce((widest, row) => Math.max(widest, displayWidth(row[index] ?? '')), titleWidth);
    return { width, titleWidth, priority, comfortable, canShorten: cut !== 'never' && (cut !== undefined || align === 'left') };
  });
  return available === undefined ? measured.map(({ width }) => width) : fitColumns(measured, GAP.length, available);
}

/** Names come from telemetry; control characters could rewrite what the terminal shows. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '�');

/** 1234567 as "1,234,567". */
export const withThousands = (value: string | number | bigint): string => String(BigInt(value)).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');

/** 0.123 as "12.3 %"; "<0.1 %" and ">99.9 %" for what is not nothing and not all. */
export function percentText(share: number): string {
  if (share > 0 && share < 0.0005) return '<0.1 %';
  return share >= 0.9995 && share < 1 ? '>99.9 %' : `${(share * 100).toFixed(1)} %`;
}

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
