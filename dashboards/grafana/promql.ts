/**
 * A panel's query as PromQL over the ledger's gauges, exact on money: what is true now, or now minus then. Never
 * increase() or rate(), which extrapolate, and lose what appears between two scrapes.
 */

import { LEDGER_SERIES, type MeasureSeries } from '../../collector/exposed-series.ts';
import { DIMENSIONS, type DimensionName, type MeasureName } from '../../collector/measures.ts';
import { LABELS, LEDGER_LABELS, SERIES } from '../../collector/names.ts';
import type { Panel, PanelQuery, Window } from '../panel.ts';

export interface Target {
  readonly expr: string;
  /** Grafana's legend format. */
  readonly legend: string;
  /** Set for panels over time: the step, which is also the width of one bar. */
  readonly step?: '1h' | '1d';
}

/** The dimensions a reader of a Grafana board can narrow it by. Each is a variable of the same name. */
export const VARIABLES = ['team', 'user', 'workspace', 'model'] as const;
const FILTERS = VARIABLES.map((name) => `${name}=~"$${name}"`);

const PERIODS: Readonly<Partial<Record<Window, string>>> = { today: 'day', this_week: 'week', this_month: 'month' };
const STEPS = { hour: '1h', day: '1d' } as const;

/** Present whenever the collector was being scraped. */
const SCRAPED = SERIES.buildInfo;
/** The row that holds what `top` leaves out. */
const REST = 'other';

/** One target for each measure, and one more for the rest of a `top`. Throws for what /metrics cannot answer. */
export function panelTargets(panel: Panel): Target[] {
  return panel.query.measures.flatMap((measure) => measureTargets(panel, measure));
}

function measureTargets({ id, query }: Panel, measure: MeasureName): Target[] {
  for (const name of query.by) {
    if (!isLabel(name)) throw new Error(`Panel ${id}: /metrics has no label ${name}. It has ${LEDGER_LABELS.join(', ')}.`);
  }
  const legend = query.by.length === 0 ? legendOf(measure) : query.by.map((name) => `{{${name}}}`).join(' · ');
  if (query.grain !== undefined) {
    const step = STEPS[query.grain];
    return stepTargets(lifetime(id, measure), query, step).map((target) => ({ legend, ...target, step }));
  }
  const selector = selectorOf(id, query, measure);
  if (query.figure === 'distinct') return [{ expr: distinct(selector, query), legend }];
  if (query.figure === 'absent_share') return [{ expr: absentShare(selector, query), legend }];
  const rows = query.window === 'range' ? inRange(selector, query.by) : toDate(selector, query.by);
  return query.top === undefined || query.by.length === 0 ? [{ expr: sorted(rows, query), legend }] : topTargets(rows, query, legend);
}

const isLabel = (name: DimensionName): boolean => (LEDGER_LABELS as readonly string[]).includes(name);
const legendOf = (measure: MeasureName): string => measure.replace(/_tokens$/, '').replaceAll('_', ' ');
const isExposed = (measure: MeasureName): measure is keyof typeof LEDGER_SERIES => Object.hasOwn(LEDGER_SERIES, measure);

/** A series selector with room for further matchers. */
type Selector = (extra?: readonly string[]) => string;

function lifetime(id: string, measure: MeasureName): Selector {
  if (!isExposed(measure)) throw new Error(`Panel ${id}: /metrics has no series for ${measure}.`);
  const { series, labels }: MeasureSeries = LEDGER_SERIES[measure];
  const fixed = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return (extra = []) => `${series}{${[...fixed, ...FILTERS, ...extra].join(',')}}`;
}

function selectorOf(id: string, { window }: PanelQuery, measure: MeasureName): Selector {
  const period = PERIODS[window];
  if (period === undefined) return lifetime(id, measure);
  if (measure !== 'cost') throw new Error(`Panel ${id}: ${measure} has no figures to date on /metrics; use the window "range".`);
  return (extra = []) => `${SERIES.costPeriod}{${[`${LABELS.period}="${period}"`, ...FILTERS, ...extra].join(',')}}`;
}

const sumBy = (by: readonly string[], vector: string): string => (by.length === 0 ? `sum(${vector})` : `sum by (${by.join(', ')}) (${vector})`);

/** A total without any series is zero as long as the collector answers, and no data when it does not. */
const orZero = (expr: string): string => `(${expr} or max(${SCRAPED}) * 0)`;

const toDate = (selector: Selector, by: readonly string[]): string => (by.length === 0 ? orZero(sumBy(by, selector())) : sumBy(by, selector()));

/**
 * Now minus then. A series that did not exist then counts from zero, but only if the collector was being scraped then;
 * otherwise there is no figure, rather than everything since the beginning.
 */
function inRange(selector: Selector, by: readonly string[]): string {
  const now = toDate(selector, by);
  return `${now} - (${sumBy(by, `${selector()} offset $__range`)} or (${now} * 0 and on () (${SCRAPED} offset $__range)))`;
}

/**
 * The bar at t is what was booked from t to t + step, so that a day's bar stands at the day's date. The far end of the
 * bar that is not yet complete lies in the future; until then the newest figure stands in for it.
 */
function perStep(selector: Selector, by: readonly string[], step: string): string {
  const newest = `${sumBy(by, `last_over_time(${selector()}[${step}] offset -${step})`)} unless on () (${SCRAPED} offset -${step})`;
  const end = `(${sumBy(by, `${selector()} offset -${step}`)} or (${newest}))`;
  return `${end} - (${sumBy(by, selector())} or (${end} * 0 and on () ${SCRAPED}))`;
}

/** Who is among the largest is decided once for the whole range, so that no bar changes its owner from day to day. */
function stepTargets(selector: Selector, { by, top }: PanelQuery, step: string): Pick<Target, 'expr'>[] {
  const rows = perStep(selector, by, step);
  if (top === undefined || by.length === 0) return [{ expr: rows }];
  const atEnd = sumBy(by, `${selector()} @ end()`);
  const kept = `topk(${top}, ${atEnd} - (${sumBy(by, `${selector()} @ start()`)} or ${atEnd} * 0))`;
  const labels = by.join(', ');
  return [{ expr: `(${rows}) and on (${labels}) ${kept}` }, { expr: restOf(`sum((${rows}) unless on (${labels}) ${kept})`, by) }];
}

const sorted = (rows: string, query: PanelQuery): string => (query.by.length === 0 ? rows : `sort_desc(${rows})`);

function topTargets(rows: string, { top, by }: PanelQuery, legend: string): Target[] {
  return [
    { expr: `sort_desc(topk(${top}, ${rows}))`, legend },
    { expr: restOf(`sum(${rows} unless topk(${top}, ${rows}))`, by), legend },
  ];
}

const restOf = (sum: string, by: readonly DimensionName[]): string =>
  by.reduce((expr, name) => `label_replace(${expr}, "${name}", "${REST}", "", "")`, sum);

function distinct(selector: Selector, { by, window }: PanelQuery): string {
  const known = by.slice(0, 1).map((name) => `${name}!="${DIMENSIONS[name].absent}"`);
  const knownOnly: Selector = () => selector(known);
  const rows = window === 'range' ? inRange(knownOnly, by) : toDate(knownOnly, by);
  return orZero(`count((${rows}) != 0)`);
}

function absentShare(selector: Selector, { by, window }: PanelQuery): string {
  const absent = by.slice(0, 1).map((name) => `${name}="${DIMENSIONS[name].absent}"`);
  const total = window === 'range' ? inRange(selector, []) : toDate(selector, []);
  const part = window === 'range' ? inRange(() => selector(absent), []) : toDate(() => selector(absent), []);
  return `(${part}) / ((${total}) != 0)`;
}
