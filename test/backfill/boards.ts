/** What the boards' expressions over time show on a store, day by day, beside what the ledger says. */
import { type ExposedMeasure, LEDGER_SERIES } from '../../collector/exposed-series.ts';
import type { LedgerReader } from '../../collector/ledger.ts';
import { OVERVIEW } from '../../dashboards/boards/overview.ts';
import { panelTargets } from '../../dashboards/grafana/promql.ts';
import type { Panel } from '../../dashboards/panel.ts';
import { interpolate } from '../dashboards/grafana.ts';
import { type Figures, ledgerFigures } from '../dashboards/ledger-figures.ts';
import { queryRange } from '../dashboards/prometheus-api.ts';
import { DAY, NOW } from './past.ts';

const bars = (measure: ExposedMeasure): Panel => ({
  id: measure,
  title: measure,
  description: '',
  visualisation: 'timeseries',
  unit: 'count',
  query: { measures: [measure], by: ['team'], window: 'range', grain: 'day' },
  width: 24,
  height: 9,
});

/** The Overview's own, and one more for every measure that /metrics shows. */
export const OVER_TIME: readonly Panel[] = [
  ...OVERVIEW.rows.flatMap(({ panels }) => panels).filter(({ query }) => query.grain !== undefined),
  ...(Object.keys(LEDGER_SERIES) as ExposedMeasure[]).map(bars),
];

/** Rounded to a micro-unit, which is finer than a cent and coarser than a float. A bar of zero and no bar are the same bar. */
const rounded = (figures: Figures): Figures =>
  Object.fromEntries(
    Object.entries(figures)
      .map(([label, value]): [string, number] => [label, Math.round(value * 1e6) / 1e6])
      .filter(([, value]) => value !== 0)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

export async function shown(url: string, panel: Panel, range: { fromMs: number; toMs: number }): Promise<Figures> {
  const figures: Record<string, number> = {};
  const span = { startMs: range.fromMs, endMs: range.toMs - DAY, stepSeconds: DAY / 1000 };
  const [dimension = ''] = panel.query.by;
  for (const { expr } of panelTargets(panel)) {
    for (const { metric, values } of await queryRange(url, interpolate(expr, { rangeSeconds: 0 }), span)) {
      for (const [time, value] of values) figures[`${metric[dimension]}@${time}`] = value;
    }
  }
  return rounded(figures);
}

export function booked(reader: LedgerReader, panel: Panel, range: { fromMs: number; toMs: number }): Figures {
  const inSeconds = panel.query.measures.some((name) => name.startsWith('active_'));
  const figures = ledgerFigures(panel, reader, { nowMs: NOW, range });
  return rounded(inSeconds ? Object.fromEntries(Object.entries(figures).map(([label, value]) => [label, value / 1000])) : figures);
}
