/** A declared panel, computed from what its plan has read, in the shape of its visualization. */

import { type FigureValue, measuresOf } from '../../catalog/figure-values.ts';
import { GAUGES } from '../../catalog/gauges.ts';
import type { LedgerQuery, Panel } from '../../catalog/panel.ts';
import type { ReadScope } from '../../catalog/read-scope.ts';
import { framedKey } from '../../core/framed.ts';
import type { Row } from '../../ledger/ledger.ts';
import { barStarts } from './bar-starts.ts';
import type { BoardAnswers } from './board-answers.ts';
import type { Question } from './board-query.ts';
import { budgetBars } from './budget-bars.ts';
import { isCovered, isWindowKnown } from './compared.ts';
import { cumulativeData } from './cumulative.ts';
import { gaugeRows, gaugeStat, unitOf } from './gauge-rows.ts';
import { gaugeSeries } from './gauge-series.ts';
import { arePartsOfTokens, figureOf, ledgerRows, summaryOf, sumsOf } from './ledger-rows.ts';
import type { BarRow, BarsData, Figure, HeatmapData, PanelData, RowLabel, StatData, TableData } from './panel-data.ts';
import { knownPart, statQuestions } from './plan.ts';
import { withRemarks } from './remarks.ts';
import { isNothing, type LabelColumn, labelOf, PANEL_ROWS_MAX, type PanelRow, type PanelRows, renderValue, shareOf } from './rows.ts';
import { selfRows } from './self-rows.ts';
import { ledgerSeries, seriesTitle } from './series.ts';

/** `board` is where a row leads when its panel does not say another. Figures that nobody knows of what the reader chose are left out. */
export function evaluatePanel(panel: Panel, board: string, answers: BoardAnswers): PanelData {
  if (isHiddenFrom(answers.scope, panel)) return { ...nothingKnown(panel), hidden: true };
  const known = knownPart(panel, answers.asked);
  return known === undefined ? nothingKnown(panel) : withRemarks(known, evaluate(known, board, answers), answers);
}

/** What is about everything has no part that is about a scope. */
const isHiddenFrom = (scope: ReadScope, { query }: Panel): boolean =>
  scope !== 'all' && (query.source === 'self' || (query.source === 'gauge' && query.gauges.every((name) => 'isOfWhole' in GAUGES[name])));

function nothingKnown({ id, title, visualization, unit }: Panel): PanelData {
  if (visualization === 'stat') return { id, title, stat: { value: null, unit, previous: null, trend: [] } };
  if (visualization === 'table') return { id, title, table: { columns: [], rows: [], totals: [] } };
  if (visualization === 'bars') return { id, title, bars: { unit, rows: [], total: null } };
  return { id, title, series: { unit, grain: 'total', starts: [], series: [], total: null } };
}

function evaluate(panel: Panel, board: string, answers: BoardAnswers): PanelData {
  const { id, title, query, visualization } = panel;
  if (visualization === 'text') return { id, title };
  if (visualization === 'stat') return { id, title, stat: evaluateStat(panel, answers) };
  if (visualization === 'budgets' && query.source === 'gauge') return { id, title, budgets: budgetBars(query, answers) };
  if (visualization === 'cumulative' && query.source === 'ledger') return { id, title, cumulative: cumulativeData(query, panel.unit, answers) };
  if ((visualization === 'timeseries' || visualization === 'lines') && query.source !== 'self') {
    const series = query.source === 'ledger' ? ledgerSeries(query, panel.unit, answers) : gaugeSeries(query, answers);
    return { id, title: seriesTitle(panel, series), series };
  }
  const rows = rowsOf(panel, answers);
  if (visualization === 'table') return { id, title, table: tableOf(rows, panel.opens ?? board) };
  if (visualization === 'heatmap') return { id, title, heatmap: heatmapOf(rows) };
  return { id, title, bars: barsOf(rows) };
}

function rowsOf(panel: Panel, answers: BoardAnswers): PanelRows {
  const { query, unit, title, visualization } = panel;
  // Of a table all are there to be read, page by page.
  const rowsMax = visualization === 'table' ? Number.POSITIVE_INFINITY : PANEL_ROWS_MAX;
  if (query.source === 'ledger') return ledgerRows(query, answers, rowsMax);
  return query.source === 'gauge' ? gaugeRows(query, answers, rowsMax) : selfRows(query, unit, title, answers);
}

function evaluateStat({ query, unit, title }: Panel, answers: BoardAnswers): StatData {
  if (query.source === 'ledger') return ledgerStat(query, unit, answers);
  if (query.source === 'gauge') {
    const [name] = query.gauges;
    const own = name === undefined ? unit : unitOf(query, name);
    return { value: renderValue(own, gaugeStat(query, answers)), unit: own, previous: null, trend: [] };
  }
  const { rows } = selfRows({ ...query, by: [] }, unit, title, answers);
  return { value: renderValue(unit, rows[0]?.values[0] ?? null), unit, previous: null, trend: [] };
}

function ledgerStat(query: LedgerQuery, unit: Panel['unit'], answers: BoardAnswers): StatData {
  const { value, before, trend } = statQuestions(query, answers.asked);
  const figureAt = (question: Question): FigureValue => statValue(query, answers.ledger(question).rows);
  return {
    value: renderValue(unit, isWindowKnown(query, answers) ? figureAt(value) : null),
    unit,
    previous: renderValue(unit, before === undefined || !isCovered(before.timeRange, answers) ? null : figureAt(before)),
    trend: trend === undefined ? [] : trendOf(query, unit, trend, answers),
  };
}

function statValue(query: LedgerQuery, rows: readonly Row[]): FigureValue {
  if ((query.summary ?? 'sum') !== 'sum') return summaryOf(query, rows);
  const measures = measuresOf(query.figures);
  const totals = measures.map((_, index) => rows.reduce((sum, row) => sum + (row.values[index] ?? 0n), 0n));
  return figureOf(query.figures[0] ?? 'cost', sumsOf(measures, totals));
}

function trendOf(query: LedgerQuery, unit: Panel['unit'], trend: Question, answers: BoardAnswers): readonly Figure[] {
  const { rows } = answers.ledger(trend);
  const byStart = Map.groupBy(rows, (row) => row.startMs);
  const starts = barStarts(trend.grain, trend.timeRange, rows, answers.asked);
  return starts.map((start) => renderValue(unit, statValue(query, byStart.get(start) ?? [])));
}

/** Each row is a bar; without labels each figure is one, such as the four classes of tokens. */
function barsOf({ labels, figures, rows, totals }: PanelRows): BarsData {
  const [first] = figures;
  const unit = first?.unit ?? 'count';
  if (labels.length === 0) return barsOfFigures({ labels, figures, rows, totals });
  const whole = first?.isSum === true ? (totals[0] ?? null) : null;
  const about = labeller(labels, rows);
  const bars = rows
    .filter((row) => !isNothing({ values: row.values.slice(0, 1) }))
    .map((row): BarRow => {
      const value = row.values[0] ?? null;
      return { ...about(row), value: renderValue(unit, value), share: shareOf(value, whole) };
    });
  return { unit, rows: bars, total: renderValue(unit, whole) };
}

/** A team is named with its organization, an id as long as a hash, only where several have a team of that name. */
function labeller(columns: readonly LabelColumn[], rows: readonly PanelRow[]): (row: PanelRow) => RowLabel {
  if (columns.length !== 2 || columns[1]?.key !== 'organization') return (row) => labelOf(row, columns);
  const named = Map.groupBy(rows, ({ labels: [name] }) => name);
  return (row) =>
    named.get(row.labels[0])?.length === 1 ? labelOf({ ...row, labels: row.labels.slice(0, 1) }, columns.slice(0, 1)) : labelOf(row, columns);
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
      ...figures.map(({ key, title, unit, isSum, isChange }) => ({
        ...{ key, title, unit },
        ...(isSum && { isSum }),
        ...(isChange === true && { isChange }),
      })),
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
  const byLabels = new Map(rows.map((row) => [framedKey(row.labels), row.values[0] ?? null]));
  return {
    unit,
    rowTitle: labels[0]?.title ?? '',
    columnTitle: labels[1]?.title ?? '',
    rows: down,
    columns: across,
    values: down.map((row) => across.map((column) => renderValue(unit, byLabels.get(framedKey([row, column])) ?? null))),
  };
}
