/** Which columns of a table a terminal has room for, and how wide they are. */

export interface FittedColumn {
  /** Of its widest cell or its title. */
  readonly width: number;
  /** Of its title: what it is not cut below while others can be left out. */
  readonly titleWidth: number;
  readonly canShorten: boolean;
  /** What it is not cut below, either. Default: 12. */
  readonly comfortable?: number | undefined;
  /** The highest is left out first; without one it stays. */
  readonly priority?: number | undefined;
}

/** A name is still known by so many columns. */
const COMFORTABLE = 12;
const LEAST = 6;

/** Width of each column; undefined for one that is left out. Too wide all the same where nothing more can be done. */
export function fitColumns(columns: readonly FittedColumn[], gap: number, available: number): (number | undefined)[] {
  const kept = new Set(columns.keys());
  const least = (floor: (column: FittedColumn) => number) => (index: number) => {
    const column = columns[index];
    return column === undefined ? 0 : column.canShorten ? Math.min(column.width, floor(column)) : column.width;
  };
  const total = (widthOf: (index: number) => number): number => [...kept].reduce((sum, index) => sum + widthOf(index) + gap, -gap);
  const comfortable = least(({ titleWidth, comfortable: own = COMFORTABLE }) => Math.max(own, titleWidth));
  while (total(comfortable) > available) {
    const next = leastWanted(columns, kept);
    if (next === undefined) break;
    kept.delete(next);
  }
  const widths = columns.map(({ width }, index) => (kept.has(index) ? width : undefined));
  shorten(widths, available + gap - gap * kept.size, total(comfortable) > available ? least(() => LEAST) : comfortable);
  return widths;
}

function leastWanted(columns: readonly FittedColumn[], kept: ReadonlySet<number>): number | undefined {
  const candidates = [...kept].flatMap((index) => {
    const priority = columns[index]?.priority;
    return priority === undefined ? [] : [{ index, priority }];
  });
  return candidates.sort((a, b) => b.priority - a.priority || b.index - a.index)[0]?.index;
}

/** Takes from the widest that may be shortened, a column of the terminal at a time. */
function shorten(widths: (number | undefined)[], available: number, least: (index: number) => number): void {
  let over = widths.reduce<number>((sum, width) => sum + (width ?? 0), 0) - available;
  for (; over > 0; over--) {
    const widest = [...widths.keys()].filter((index) => (widths[index] ?? 0) > least(index)).sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0];
    if (widest === undefined) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}
