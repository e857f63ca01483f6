/** A query over the ledger's figures as targets. */

import { figureWords } from '../../collector/catalog/figure-titles.ts';
import { isShareOfShown } from '../../collector/catalog/figure-values.ts';
import { DERIVED, type FigureName, figureUnit, isDerived, PERCENTILES } from '../../collector/catalog/figures.ts';
import { DIMENSIONS, isMeasure, type MeasureName } from '../../collector/catalog/measures.ts';
import type { Fixed, LedgerQuery, Panel } from '../../collector/catalog/panel.ts';
import { windowTitle } from '../../collector/catalog/titles.ts';
import { figureExpr, isSum, NOTHING, shareOf, totalExpr } from './figures.ts';
import { type Asked, amountsOf, labelsOf, rankingOf, requireSource, stepOf } from './ledger-amounts.ts';
import { sumBy } from './readings.ts';
import type { Surroundings } from './surroundings.ts';
import { legendOf, REST, type Target } from './target.ts';
import { SCRAPED } from './variables.ts';

export function ledgerTargets(panel: Panel, query: LedgerQuery, surroundings: Surroundings): Target[] {
  const isTotal = panel.visualization === 'stat' && (query.summary ?? 'sum') === 'sum';
  const asked: Asked = {
    ...surroundings,
    panelId: panel.id,
    by: isTotal ? [] : query.by,
    where: query.where ?? [],
    window: query.window,
    step: stepOf(query),
  };
  if (query.summary === 'distinct') return [summary(panel, query, distinct(asked, firstFigure(query)))];
  if (query.summary === 'absent_share') return [summary(panel, query, absentShare(asked, firstFigure(query)))];
  return query.figures.flatMap((figure) => figureTargets(panel, query, asked, figure));
}

const firstFigure = ({ figures: [first = 'cost'] }: LedgerQuery): FigureName => first;

/** Of a rest, in USD, tokens or whatever is counted. */
const LEAST = '1e-6';

function summary(panel: Panel, query: LedgerQuery, expr: string): Target {
  const step = stepOf(query);
  return {
    expr,
    labels: [],
    legend: panel.title,
    key: firstFigure(query),
    title: panel.title,
    unit: panel.unit,
    ...(step !== undefined && { step }),
  };
}

type Named = Omit<Target, 'expr'>;

function figureTargets(panel: Panel, query: LedgerQuery, asked: Asked, figure: FigureName): Target[] {
  const words = figureWords(figure);
  const labels = labelsOf(asked, mainMeasures(figure));
  const name = labels.length === 0 ? words : legendOf(labels);
  const legend = labels.length > 0 && query.figures.length > 1 ? `${name} · ${words}` : name;
  const target = {
    labels,
    legend,
    key: figure,
    title: words,
    unit: figureUnit(figure),
    ...(asked.step !== undefined && { step: asked.step }),
    ...(isSum(figure) && { isAdditive: true as const }),
  };
  if (panel.visualization === 'table') return tableTargets(query, asked, figure, target);
  const rows = figureExpr(figure, amountsOf(asked));
  if (labels.length === 0) return [{ ...target, expr: totalExpr(figure, amountsOf(asked)) }];
  if (asked.step !== undefined) return overTimeTargets(query, asked, rows, target);
  const shown = isSum(figure) ? withoutZeros(rows) : rows;
  if (query.top === undefined) return [{ ...target, expr: `sort_desc(${shown})` }];
  const kept = `topk(${query.top}, ${shown})`;
  return largestAndRest(query, { ...target, expr: `sort_desc(${kept})` }, restExpr(asked, figure, { rows, kept }));
}

/**
 * All less the largest: the total has few series where the rows have thousands, which would be read and joined twice. Not of features, of which
 * the total has more than the rows, and not of differences. Floats of different sums leave a trace of nothing, which is no row.
 */
function restExpr(asked: Asked, figure: FigureName, { rows, kept }: { readonly rows: string; readonly kept: string }): string {
  const isFeature = labelsOf(asked, mainMeasures(figure)).some((label, index) => label !== asked.by[index]);
  if (!isMeasure(figure) || isFeature) return `sum(${rows} unless ${kept})`;
  return `round(${figureExpr(figure, amountsOf({ ...asked, by: [] }))} - sum(${kept}), ${LEAST}) != 0`;
}

/** Who is among the largest of the range is the same in all of its bars. */
function overTimeTargets(query: LedgerQuery, asked: Asked, rows: string, target: Named): Target[] {
  if (query.top === undefined) return [{ ...target, expr: rows }];
  const kept = `on (${target.labels.join(', ')}) topk(${query.top}, ${figureExpr(firstFigure(query), rankingOf(asked))})`;
  return largestAndRest(query, { ...target, expr: `${rows} and ${kept}` }, `sum(${rows} unless ${kept})`);
}

/** Ratios of many rows are none of all of them together. */
const largestAndRest = (query: LedgerQuery, target: Target, rest: string): Target[] =>
  isSum(firstFigure(query)) ? [target, { ...target, expr: rest, labels: [], legend: REST, isRest: true }] : [target];

/** One column for each figure, of all rows; with `versus` also the figure in the other window, and the change. */
function tableTargets({ figures, versus }: LedgerQuery, asked: Asked, figure: FigureName, target: Named): Target[] {
  const column = (window: Asked['window']): string => figureExpr(figure, amountsOf({ ...asked, window }));
  // Rows are all that any column has.
  const hasNoZeros = isSum(figure) || isShareOfShown(figure, figures);
  const shown = (expr: string): string => (hasNoZeros && asked.by.length > 0 ? withoutZeros(expr) : expr);
  if (versus === undefined) return [{ ...target, title: `${target.title} ${windowTitle(asked.window)}`, expr: shown(column(asked.window)) }];
  const then = { key: `${figure} ${versus}`, title: `${target.title} ${windowTitle(versus)}` };
  const change = { key: `${figure} change`, title: figures.length === 1 ? 'Change' : `${target.title}, change` };
  return [
    { ...target, title: `${target.title} ${windowTitle(asked.window)}`, expr: column(asked.window) },
    { ...target, ...then, expr: column(versus) },
    { ...target, ...change, expr: changeExpr(asked, versus, figure) },
  ];
}

/** What is spent in one period less what was in another, where either may be missing as long as it is known. Both are series of one name, told apart by their period. */
function changeExpr(asked: Asked, versus: Asked['window'], figure: FigureName): string {
  const source = (window: Asked['window']) => requireSource({ ...asked, window }, mainMeasures(figure));
  const [current, other] = [source(asked.window), source(versus)];
  return `${sumBy(asked.by.map(current.label), `${current.selected} or -${other.selected}`)} and on () ${other.known}`;
}

const withoutZeros = (rows: string): string => `${rows} != 0`;

/** Those that decide whether there is a figure at all. */
function mainMeasures(name: FigureName): readonly MeasureName[] {
  if (isMeasure(name)) return [name];
  return isDerived(name) ? DERIVED[name].plus : [PERCENTILES[name].count];
}

/** How many known values have the figure. */
function distinct(asked: Asked, figure: FigureName): string {
  const known = asked.by.slice(0, 1).map((dimension): Fixed => ({ dimension, values: [DIMENSIONS[dimension].absent], not: true }));
  const count = `count(abs(${figureExpr(figure, amountsOf({ ...asked, where: [...asked.where, ...known] }))}) > ${NOTHING})`;
  if (asked.step !== undefined) return count;
  const { complete } = requireSource(asked, mainMeasures(figure));
  const nobody = `${count} or max(${SCRAPED}) * 0`;
  return asked.window === 'range' ? `${nobody} and on () ${complete} offset $__range` : nobody;
}

function absentShare(asked: Asked, figure: FigureName): string {
  const absent = asked.by.slice(0, 1).map((dimension): Fixed => ({ dimension, values: [DIMENSIONS[dimension].absent] }));
  const total = (where: readonly Fixed[]): string => figureExpr(figure, amountsOf({ ...asked, by: [], where }));
  return shareOf(total([...asked.where, ...absent]), total(asked.where));
}
