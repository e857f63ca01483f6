/** A panel's rows from gauges: their samples, reduced by some of their labels. */

import type { FigureValue } from '../../catalog/figure-values.ts';
import { gaugeColumn } from '../../catalog/gauge-titles.ts';
import { GAUGES, type GaugeDeclaration, type GaugeName } from '../../catalog/gauges.ts';
import { isDimension } from '../../catalog/measures.ts';
import type { GaugeQuery } from '../../catalog/panel.ts';
import { dimensionWords } from '../../catalog/titles.ts';
import { framedKey } from '../../core/framed.ts';
import type { GaugeSample } from '../gauges/gauge.ts';
import type { BoardAnswers } from './board-answers.ts';
import type { PanelUnit } from './panel-data.ts';
import { inOrder, type PanelRow, type PanelRows, REST } from './rows.ts';

/** one: never several, see matches(). */
const REDUCE = { sum: (a: number, b: number) => a + b, max: Math.max, min: Math.min, one: (a: number) => a } as const;

/** Figures of gauges overlap (budgets, quantiles, everybody beside each team): there is no whole that the rows are parts of. */
export function gaugeRows(query: GaugeQuery, answers: BoardAnswers, rowsMax: number): PanelRows {
  const asked = columnsOf(query);
  const columns = asked.map(({ name, where }) => reduced({ ...query, where }, name, answers, answers.asked.nowMs));
  const labels = new Map(columns.flatMap((column) => [...column].map(([key, { labels }]) => [key, labels] as const)));
  const rows = [...labels].map(([key, own]): PanelRow => ({ labels: own, values: columns.map((column) => column.get(key)?.value ?? null) }));
  return {
    labels: query.by.map((name) => ({ key: name, title: labelTitle(name), ...(query.gauges.some(isOfPriceList) && { isUnbooked: true as const }) })),
    figures: asked.map(({ name, key, title }) => ({ key, title, unit: unitOf(query, name), isSum: false })),
    rows: query.top === undefined ? withRest(rows.sort(orderOf(query)), asked.length, rowsMax) : rows.sort(orderOf(query)).slice(0, query.top),
    totals: asked.map(() => null),
  };
}

const isOfPriceList = (name: GaugeName): boolean => 'isOfPriceList' in GAUGES[name];

/** The rest has no values: the rows are no parts of a whole. */
function withRest(rows: readonly PanelRow[], figures: number, rowsMax: number): readonly PanelRow[] {
  const rest = rows.length - rowsMax;
  return rest <= 0 ? rows : [...rows.slice(0, rowsMax), { labels: [REST], values: new Array(figures).fill(null), rest }];
}

interface Column {
  readonly name: GaugeName;
  readonly key: string;
  readonly title: string;
  readonly where: Readonly<Record<string, string>>;
}

/** One for each gauge, or for each value that it is to be distinguished by. */
function columnsOf(query: GaugeQuery): Column[] {
  const { gauges, by, where = {}, each } = query;
  if (each === undefined || by.includes(each.label)) return gauges.map((name) => ({ name, key: name, title: gaugeColumn(query, name), where }));
  return gauges.flatMap((name) =>
    each.values.map(([value, title]) => ({
      name,
      key: `${name} ${value}`,
      title: gauges.length > 1 ? `${gaugeColumn(query, name)}, ${title}` : title,
      where: { ...where, [each.label]: value },
    })),
  );
}

function orderOf({ by, each, least }: GaugeQuery): (a: PanelRow, b: PanelRow) => number {
  const place = each === undefined ? -1 : by.indexOf(each.label);
  if (each === undefined || place === -1) return least === true ? (a, b) => inOrder(b, a) : inOrder;
  const order = new Map(each.values.map(([value], index) => [value, index]));
  const indexOf = ({ labels }: PanelRow): number => order.get(labels[place] ?? '') ?? order.size;
  return (a, b) => indexOf(a) - indexOf(b) || inOrder(a, b);
}

/** Of a gauge of a selection, samples by team are those of teams, and samples by neither the one of everything. */
const OWNERS = ['organization', 'team'] as const;

export interface Reduced {
  readonly labels: readonly string[];
  readonly value: number;
}

/** By the values of the labels; a label that the gauge does not have is empty. Without samples there is no row, also not of zero. */
export function reduced(query: GaugeQuery, name: GaugeName, answers: BoardAnswers, atMs: number): ReadonlyMap<string, Reduced> {
  const { labels }: GaugeDeclaration = GAUGES[name];
  const rows = new Map<string, Reduced>();
  for (const sample of answers.gauge(name, atMs)) {
    if (!matches(query, labels, sample)) continue;
    const own = query.by.map((label) => sample.labels[labels.indexOf(label)] ?? '');
    const key = framedKey(own);
    const before = rows.get(key);
    rows.set(key, { labels: own, value: before === undefined ? sample.value : REDUCE[query.reduce](before.value, sample.value) });
  }
  if (query.as !== 'age') return rows;
  // The last time somebody was seen is the shortest ago: which of several instants it is has to be decided first.
  return new Map([...rows].map(([key, { labels: own, value }]) => [key, { labels: own, value: atMs / 1000 - value }]));
}

/** A gauge without the label is not narrowed by it: of a table's gauges only some have quantiles. */
const matches = ({ where = {}, whereNot = {}, by, reduce }: GaugeQuery, labels: readonly string[], sample: GaugeSample): boolean =>
  (reduce !== 'one' || OWNERS.every((label) => by.includes(label) !== (sample.labels[labels.indexOf(label)] === ''))) &&
  Object.entries(where).every(([label, value]) => !labels.includes(label) || sample.labels[labels.indexOf(label)] === value) &&
  Object.entries(whereNot).every(([label, pattern]) => !new RegExp(`^(?:${pattern})$`).test(sample.labels[labels.indexOf(label)] ?? ''));

export const unitOf = ({ as }: GaugeQuery, name: GaugeName): PanelUnit => (as === 'age' ? 'seconds' : GAUGES[name].unit);

const words = (text: string): string => {
  const spaced = text.replaceAll('_', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
};

export const gaugeTitle = (name: GaugeName): string => words(name);
export const labelTitle = (label: string): string => words(isDimension(label) ? dimensionWords(label) : label);

/** The one figure of a stat: all samples together. */
export function gaugeStat(query: GaugeQuery, answers: BoardAnswers): FigureValue {
  const [name] = query.gauges;
  if (name === undefined) return null;
  return reduced({ ...query, by: [] }, name, answers, answers.asked.nowMs).get('')?.value ?? null;
}
