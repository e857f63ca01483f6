/** A query over gauges as targets: one for each gauge. */
import type { Gauge } from '../../collector/gauge.ts';
import { GAUGES, type GaugeName } from '../../collector/gauges.ts';
import type { GaugeQuery, Panel } from '../panel.ts';
import { atEndOf } from './readings.ts';
import { capitalised, legendOf, type Target } from './target.ts';
import { selector, valueMatcher } from './variables.ts';

const DAY = '1d';
/** Timestamps are in seconds, Grafana's dates in milliseconds. */
const MS_PER_SECOND = 1_000;

export function gaugeTargets(panel: Panel, query: GaugeQuery): Target[] {
  return query.gauges.map((name) => gaugeTarget(panel, query, name));
}

function gaugeTarget(panel: Panel, query: GaugeQuery, name: GaugeName): Target {
  const gauge: Gauge = GAUGES[name];
  const { by, as, grain, gauges, where = {} } = query;
  for (const label of [...by, ...Object.keys(where)]) {
    if (gauge.labels.includes(label)) continue;
    throw new Error(`Panel ${panel.id}: the gauge ${name} has no label ${label}. It has ${gauge.labels.join(', ') || 'none'}.`);
  }
  const isDate = gauge.unit === 'timestamp' && as !== 'age';
  const factor = isDate ? MS_PER_SECOND : 1;
  const words = gauges.length === 1 && by.length > 0 && panel.visualisation === 'table' ? VALUE_WORDS[gauge.unit] : capitalised(name);
  return {
    expr: ordered(panel, query, valueExpr(gauge, query, factor)),
    legend: by.length === 0 ? capitalised(name) : `${legendOf(by)}${gauges.length > 1 ? ` · ${capitalised(name)}` : ''}`,
    key: name,
    title: as === 'age' ? 'Age' : words,
    unit: as === 'age' ? 'seconds' : gauge.unit,
    ...(grain !== undefined && { step: DAY }),
    ...(factor !== 1 && { factor }),
  };
}

/** Heading of the one column of figures; what it is says the panel's title. */
const VALUE_WORDS: Readonly<Record<Gauge['unit'], string>> = {
  usd: 'USD',
  tokens: 'Tokens',
  count: 'Count',
  ratio: 'Share',
  seconds: 'Duration',
  timestamp: 'When',
};

function valueExpr({ series }: Gauge, { by, where = {}, reduce, as, grain }: GaugeQuery, factor: number): string {
  const matchers = Object.entries(where).map(([label, value]) => valueMatcher(label, [value]));
  const selected = selector(series, matchers);
  const reduced = (vector: string): string => `${reduce}${by.length === 0 ? '' : ` by (${by.join(', ')}) `}(${vector})`;
  const value = grain === undefined ? reduced(selected) : atEndOf(DAY, (at) => reduced(at(selected)));
  if (as === 'age') return `time() - ${value}`;
  return factor === 1 ? value : `${factor} * ${value}`;
}

function ordered({ visualisation }: Panel, { by, top, grain }: GaugeQuery, rows: string): string {
  if (by.length === 0 || grain !== undefined) return rows;
  const largest = top === undefined ? rows : `topk(${top}, ${rows})`;
  return visualisation === 'bars' ? `sort_desc(${largest})` : largest;
}
