/** A declared panel, answered: its query asked of its source, in the shape of its visualisation. */

import { type FigureValue, isSum, isTold, measuresOf } from '../../catalog/figure-values.ts';
import type { LedgerQuery, Panel } from '../../catalog/panel.ts';
import type { Row } from '../../ledger/ledger.ts';
import type { Amount } from '../render.ts';
import type { Ask } from './board-query.ts';
import { gaugeRows, gaugeStat, unitOf } from './gauge-rows.ts';
import { arePartsOfTokens, figureOf, ledgerRows, questionOf, summaryOf, sumsOf } from './ledger-rows.ts';
import type { BarRow, BarsData, HeatmapData, PanelData, StatData, TableData } from './panel-data.ts';
import { isNothing, labelOf, type PanelRows, renderValue, shareOf } from './rows.ts';
import { selfRows } from './self-rows.ts';
import { barStarts, gaugeSeries, grainFor, ledgerSeries, seriesTitle } from './series.ts';

/** `board` is where a row leads when its panel does not say another. Figures that cannot be told of what the reader chose are left out. */
export function evaluatePanel(panel: Panel, board: string, ask: Ask): PanelData {
  const { query } = panel;
  if (query.source !== 'ledger') return evaluate(panel, board, ask);
  const figures = query.figures.filter((name) => isTold(name, ask.where));
  return figures.length === 0 ? nothingTold(panel) : evaluate({ ...panel, query: { ...query, figures } }, board, ask);
}

function nothingTold({ id, title, visualisation, unit }: Panel): PanelData {
  if (visualisation === 'stat') return { id, title, stat: { value: null, unit, previous: null, trend: [] } };
  if (visualisation === 'table') return { id, title, table: { columns: [], rows: [], totals: [] } };
  if (visualisation === 'bars') return { id, title, bars: { unit, rows: [], total: null } };
  return { id, title, series: { unit, grain: 'total', starts: [], series: [], total: null } };
}

function evaluate(panel: Panel, board: string, ask: Ask): PanelData {
  const { id, title, query, visualisation } = panel;
  if (visualisation === 'text') return { id, title };
  if (visualisation === 'stat') return { id, title, stat: evaluateStat(panel, ask) };
  if ((visualisation === 'timeseries' || visualisation === 'lines') && query.source !== 'self') {
    const series = query.source === 'ledger' ? ledgerSeries(query, panel.unit, ask) : gaugeSeries(query, ask);
    return { id, title: seriesTitle(panel, series), series };
  }
  const rows = rowsOf(panel, ask);
  if (visualisation === 'table') return { id, title, table: tableOf(rows, panel.opens ?? board) };
  if (visualisation === 'heatmap') return { id, title, heatmap: heatmapOf(rows) };
  return { id, title, bars: barsOf(rows) };
}

function rowsOf(panel: Panel, ask: Ask): PanelRows {
  const { query, unit, title } = panel;
  if (query.source === 'ledger') return ledgerRows(query, ask);
  return query.source === 'gauge' ? gaugeRows(query, ask) : selfRows(query, unit, title, ask);
}

function evaluateStat({ query, unit, title }: Panel, ask: Ask): StatData {
  if (query.source === 'ledger') return ledgerStat(query, unit, ask);
  if (query.source === 'gauge') {
    const [name] = query.gauges;
    const own = name === undefined ? unit : unitOf(query, name);
    return { value: renderValue(own, gaugeStat(query, ask)), unit: own, previous: null, trend: [] };
  }
  const { rows } = selfRows({ ...query, by: [] }, unit, title, ask);
  return { value: renderValue(unit, rows[0]?.values[0] ?? null), unit, previous: null, trend: [] };
}

function ledgerStat(query: LedgerQuery, unit: Panel['unit'], ask: Ask): StatData {
  const span = ask.spanOf(query.window);
  const before = ask.spanBefore(query.window);
  const value = statValue(query, ask.ledger(questionOf(query, span)).rows);
  const previous = before === undefined ? null : statValue(query, ask.ledger(questionOf(query, before)).rows);
  const hasTrend = isPlain(query) && isSum(query.figures[0] ?? 'cost');
  return { value: renderValue(unit, value), unit, previous: renderValue(unit, previous), trend: hasTrend ? trendOf(query, unit, ask) : [] };
}

const isPlain = ({ summary = 'sum' }: LedgerQuery): boolean => summary === 'sum';

function statValue(query: LedgerQuery, rows: readonly Row[]): FigureValue {
  if (!isPlain(query)) return summaryOf(query, rows);
  const measures = measuresOf(query.figures);
  const totals = measures.map((_, index) => rows.reduce((sum, row) => sum + (row.values[index] ?? 0n), 0n));
  return figureOf(query.figures[0] ?? 'cost', sumsOf(measures, totals));
}

function trendOf(query: LedgerQuery, unit: Panel['unit'], ask: Ask): readonly Amount[] {
  const span = ask.spanOf(query.window);
  const grain = query.window === 'today' ? 'hour' : grainFor(span, ask.nowMs);
  const { rows } = ask.ledger(questionOf(query, span, grain, []));
  const byStart = Map.groupBy(rows, (row) => row.startMs);
  return barStarts(grain, span, rows, ask).map((start) => renderValue(unit, statValue(query, byStart.get(start) ?? [])) ?? 0);
}

/** Each row is a bar; without labels each figure is one, such as the four classes of tokens. */
function barsOf({ labels, figures, rows, totals }: PanelRows): BarsData {
  const [first] = figures;
  const unit = first?.unit ?? 'count';
  if (labels.length === 0) return barsOfFigures({ labels, figures, rows, totals });
  const whole = first?.isSum === true ? (totals[0] ?? null) : null;
  const bars = rows
    .filter((row) => !isNothing({ values: row.values.slice(0, 1) }))
    .map((row): BarRow => {
      const value = row.values[0] ?? null;
      return { ...labelOf(row, labels), value: renderValue(unit, value), share: shareOf(value, whole) };
    });
  return { unit, rows: bars, total: renderValue(unit, whole) };
}

function barsOfFigures({ figures, rows: [row] }: PanelRows): BarsData {
  const values = figures.map((_, index) => row?.values[index] ?? null);
  const unit = figures[0]?.unit ?? 'count';
  const whole = arePartsOfTokens(figures.map(({ key }) => key))
    ? values.reduce<bigint>((sum, value) => sum + (typeof value === 'bigint' ? value : 0n), 0n)
    : null;
  const bars = figures.map(
    (figure, index): BarRow => ({
      label: figure.title,
      filters: [],
      absent: false,
      value: renderValue(figure.unit, values[index] ?? null),
      share: shareOf(values[index] ?? null, whole),
    }),
  );
  const isEmpty = isNothing({ values });
  return { unit, rows: isEmpty ? [] : bars, total: renderValue(unit, whole) };
}

function tableOf({ labels, figures, rows, totals }: PanelRows, opens: string): TableData {
  const cells = (values: readonly FigureValue[]) => figures.map(({ unit }, index) => renderValue(unit, values[index] ?? null));
  return {
    columns: [
      ...labels.map(({ key, title }) => ({ key, title, unit: 'label' as const })),
      ...figures.map(({ key, title, unit, isChange }) => ({ key, title, unit, ...(isChange === true && { isChange }) })),
    ],
    rows: rows.map((row) => {
      const { label: _, ...about } = labelOf(row, labels);
      return { ...about, cells: [...labels.map((_column, index) => row.labels[index] ?? ''), ...cells(row.values)], opens };
    }),
    totals: [...labels.map(() => null), ...cells(totals)],
  };
}

const natural = new Intl.Collator('en', { numeric: true });

/** The first label down, the second across, each in its natural order. */
function heatmapOf({ labels, figures, rows }: PanelRows): HeatmapData {
  const distinct = (index: number) => [...new Set(rows.map((row) => row.labels[index] ?? ''))].sort(natural.compare);
  const [down, across] = [distinct(0), distinct(1)];
  const unit = figures[0]?.unit ?? 'count';
  const byLabels = new Map(rows.map((row) => [row.labels.join('\0'), row.values[0] ?? null]));
  return {
    unit,
    rowTitle: labels[0]?.title ?? '',
    columnTitle: labels[1]?.title ?? '',
    rows: down,
    columns: across,
    values: down.map((row) => across.map((column) => renderValue(unit, byLabels.get(`${row}\0${column}`) ?? null))),
  };
}
