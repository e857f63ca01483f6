/** What a declared panel must show (over time: every series, the test's teams being fewer than `top`), asked of the ledger directly and added up as integers: the other side of every comparison. */
import type { Filter, LedgerReader, Row } from '../../collector/ledger.ts';
import { MEASURES, showValue } from '../../collector/measures.ts';
import { periodAround, type Span } from '../../collector/period.ts';
import type { Panel } from '../../dashboards/panel.ts';

/** "label" or "label@unix seconds of the bar" -> value; USD for money. The label is '' for a single figure. */
export type Figures = Readonly<Record<string, number>>;

const UNIT_OF = { today: 'day', this_week: 'week', this_month: 'month' } as const;

export interface Moment {
  readonly nowMs: number;
  /** What the reader picked, for panels over the time range. */
  readonly range: Span;
  readonly where?: readonly Filter[];
}

export function ledgerFigures(panel: Panel, reader: LedgerReader, at: Moment): Figures {
  const { query } = panel;
  const { window, measures, by, grain = 'total', top, figure = 'sum' } = query;
  const span = window === 'range' ? at.range : periodAround(UNIT_OF[window], at.nowMs, { timeZone: 'UTC', weekStart: 'monday' });
  const result = reader.query({ ...span, measures, by, grain, timeZone: 'UTC', where: at.where ?? [], rowsMax: 10_000 });
  const [dimension] = by;
  const scale = MEASURES[measures[0] ?? 'cost'].unit === 'usd' ? 1e12 : 1;
  const figures = (rows: readonly Row[], index = 0) => rows.reduce((sum, { values }) => sum + (values[index] ?? 0n), 0n);
  if (dimension === undefined) {
    return Object.fromEntries(measures.map((name, index) => [measures.length === 1 ? '' : name, Number(figures(result.rows, index)) / scale]));
  }
  if (figure === 'distinct') return { '': result.rows.filter(({ key, values }) => key[0] !== '' && values[0] !== 0n).length };
  if (figure === 'absent_share') return { '': Number(figures(result.rows.filter(({ key }) => key[0] === ''))) / Number(figures(result.rows)) };
  const labelled = (rows: readonly Row[]) =>
    rows.map((row): [string, number] => {
      const at = row.startMs === undefined ? '' : `@${row.startMs / 1000}`;
      return [`${showValue(dimension, row.key[0] ?? '')}${at}`, Number(row.values[0] ?? 0n) / scale];
    });
  const sorted = [...result.rows].sort((a, b) => Number((b.values[0] ?? 0n) - (a.values[0] ?? 0n)));
  const isOverTime = grain !== 'total';
  const rest = top === undefined || isOverTime ? [] : sorted.slice(top);
  const shown = Object.fromEntries(labelled(top === undefined || isOverTime ? result.rows : sorted.slice(0, top)));
  return rest.length === 0 ? shown : { ...shown, other: Number(figures(rest)) / scale };
}
