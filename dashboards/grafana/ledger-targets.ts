/** A query over the ledger's figures as targets. */

import { figureWords } from '../../collector/catalog/figure-titles.ts';
import { type FigureName, figureUnit } from '../../collector/catalog/figures.ts';
import { DIMENSIONS } from '../../collector/catalog/measures.ts';
import type { Fixed, LedgerQuery, Panel } from '../../collector/catalog/panel.ts';
import { windowTitle } from '../../collector/catalog/titles.ts';
import { figureExpr, filledFrom, guardOf, isSum, mainMeasures, NOTHING } from './figures.ts';
import { type Asked, amountsOf, rankingOf, restOf, stepOf } from './ledger-amounts.ts';
import type { Families } from './sources.ts';
import { legendOf, REST, type Target } from './target.ts';
import { SCRAPED } from './variables.ts';

export function ledgerTargets(panel: Panel, query: LedgerQuery, families: Families): Target[] {
  const isTotal = panel.visualization === 'stat' && (query.summary ?? 'sum') === 'sum';
  const asked: Asked = {
    panelId: panel.id,
    families,
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

function summary(panel: Panel, query: LedgerQuery, expr: string): Target {
  const step = stepOf(query);
  return { expr, legend: panel.title, key: firstFigure(query), title: panel.title, unit: panel.unit, ...(step !== undefined && { step }) };
}

function figureTargets(panel: Panel, query: LedgerQuery, asked: Asked, figure: FigureName): Target[] {
  const words = figureWords(figure);
  const name = asked.by.length === 0 ? words : legendOf(asked.by);
  const legend = asked.by.length > 0 && query.figures.length > 1 ? `${name} · ${words}` : name;
  const target = { legend, key: figure, title: words, unit: figureUnit(figure), ...(asked.step !== undefined && { step: asked.step }) };
  if (panel.visualization === 'table') return tableTargets(query, asked, figure, target);
  const rows = figureExpr(figure, amountsOf(asked));
  if (asked.by.length === 0) return [{ ...target, expr: rows }];
  const shown = asked.step === undefined && isSum(figure) ? `${rows} != 0` : rows;
  if (query.top === undefined) return [{ ...target, expr: asked.step === undefined ? `sort_desc(${shown})` : rows }];
  const kept = `topk(${query.top}, ${asked.step === undefined ? shown : figureExpr(firstFigure(query), rankingOf(asked))})`;
  const on = `on (${asked.by.join(', ')})`;
  const largest = asked.step === undefined ? `sort_desc(${kept})` : `${rows} and ${on} ${kept}`;
  if (!isSum(firstFigure(query))) return [{ ...target, expr: largest }];
  const rest = `sum(${rows} unless ${on} ${kept})`;
  return [
    { ...target, expr: largest },
    { ...target, expr: named(rest, asked), isRest: true },
  ];
}

/** One column for each figure; with `versus` also the figure in the other window, and the change. */
function tableTargets(query: LedgerQuery, asked: Asked, figure: FigureName, target: Omit<Target, 'expr'>): Target[] {
  const { figures, versus } = query;
  const cut = asked.by.length === 0 ? undefined : cutOf(query, asked);
  const column = (window: Asked['window']): string => {
    const amounts = amountsOf({ ...asked, window });
    const rows = figureExpr(figure, amounts);
    if (cut === undefined) return rows;
    if (!isSum(firstFigure(query))) return `(${cut.largest(rows)})`;
    return `((${cut.largest(rows)}) or ${named(figureExpr(figure, restOf(amounts, cut.others)), asked)})`;
  };
  const current = column(asked.window);
  if (versus === undefined) return [{ ...target, expr: isSum(figure) && asked.by.length > 0 ? `${current} != 0` : current }];
  const other = column(versus);
  const sourcesIn = (window: Asked['window']) => amountsOf({ ...asked, window }).sources(mainMeasures(figure));
  // What one window lacks is zero in it, unless it does not have what was chosen.
  const filled = (expr: string, from: string, own: Asked['window'], others: Asked['window']): string =>
    filledFrom(expr, from, guardOf(sourcesIn(own), sourcesIn(others)), amountsOf(asked));
  const then = { key: `${figure} ${versus}`, title: `${target.title} ${windowTitle(versus)}` };
  const change = { key: `${figure} change`, title: figures.length === 1 ? 'Change' : `${target.title}, change` };
  return [
    { ...target, title: `${target.title} ${windowTitle(asked.window)}`, expr: current },
    { ...target, ...then, expr: other },
    { ...target, ...change, expr: `${filled(current, other, asked.window, versus)} - ${filled(other, current, versus, asked.window)}` },
  ];
}

/** Which rows are shown by name, and which as one. */
interface Cut {
  readonly largest: (rows: string) => string;
  readonly others: (rows: string) => string;
}

/** Cost is there for every label set. By another figure, a row that lacks it is not among the largest, but must not be lost among the others. */
function cutOf(query: LedgerQuery, asked: Asked): Cut | undefined {
  if (query.top === undefined) return undefined;
  const first = firstFigure(query);
  const ranks = figureExpr(first, amountsOf(asked));
  const on = `on (${asked.by.join(', ')})`;
  const kept = `topk(${query.top}, ${ranks})`;
  const isComplete = first === 'cost' && query.versus === undefined && (asked.window === 'range' || asked.window === 'ever');
  if (isComplete)
    return { largest: (rows) => (rows === ranks ? kept : `${rows} and ${on} ${kept}`), others: (rows) => `${rows} unless ${on} ${kept}` };
  const beyond = `(${ranks} unless ${kept})`;
  return { largest: (rows) => `${rows} unless ${on} ${beyond}`, others: (rows) => `${rows} and ${on} ${beyond}` };
}

const named = (expr: string, { by }: Asked): string => by.reduce((inner, name) => `label_replace(${inner}, "${name}", "${REST}", "", "")`, expr);

/** How many known values have the figure. */
function distinct(asked: Asked, figure: FigureName): string {
  const known = asked.by.slice(0, 1).map((dimension): Fixed => ({ dimension, values: [DIMENSIONS[dimension].absent], not: true }));
  const amounts = amountsOf({ ...asked, where: [...asked.where, ...known] });
  const count = `count(abs(${figureExpr(figure, amounts)}) > ${NOTHING})`;
  if (asked.step !== undefined) return count;
  const answers = amounts.sources(mainMeasures(figure)).map((source) => source.answers);
  const nobody = `max(${answers.join(' or ')}) * 0`;
  return `(${count} or ${asked.window === 'range' ? `(${nobody} and on () (${SCRAPED} offset $__range))` : nobody})`;
}

function absentShare(asked: Asked, figure: FigureName): string {
  const absent = asked.by.slice(0, 1).map((dimension): Fixed => ({ dimension, values: [DIMENSIONS[dimension].absent] }));
  const part = figureExpr(figure, amountsOf({ ...asked, where: [...asked.where, ...absent] }, 'total'));
  return `${part} / (${figureExpr(figure, amountsOf(asked, 'total'))} > ${NOTHING})`;
}
