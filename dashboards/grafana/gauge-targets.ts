/** A query over gauges as targets: one for each gauge. */

import { gaugeColumn } from '../../collector/catalog/gauge-titles.ts';
import { GAUGES, type GaugeDeclaration, type GaugeName } from '../../collector/catalog/gauges.ts';
import type { GaugeQuery, Panel } from '../../collector/catalog/panel.ts';
import { atEndOf } from './readings.ts';
import type { Surroundings } from './surroundings.ts';
import { capitalized, legendOf, type Target } from './target.ts';
import { selector, valueMatcher } from './variables.ts';
import { wholeSelection } from './whole-selection.ts';

const DAY = '1d';
/** At the end of a day the next budget period may have begun: a day is read as it was a second before. */
const LAST_SECOND = '86399s';
/** Timestamps are in seconds, Grafana's dates in milliseconds. */
const MS_PER_SECOND = 1_000;

export function gaugeTargets(panel: Panel, query: GaugeQuery, surroundings: Surroundings): Target[] {
  const { each, by, where } = query;
  if (each === undefined) return query.gauges.map((name) => gaugeTarget(panel, query, name, surroundings));
  return query.gauges.flatMap((name) =>
    each.values.map(([value, title]): Target => {
      const target = gaugeTarget(panel, { ...query, where: { ...where, [each.label]: value } }, name, surroundings);
      // A row each: their order is that of the targets. Prometheus gives rows in none.
      if (by.includes(each.label)) return target;
      return { ...target, key: `${name} ${value}`, title: query.gauges.length > 1 ? `${gaugeColumn(query, name)}, ${title}` : title };
    }),
  );
}

function gaugeTarget(panel: Panel, query: GaugeQuery, name: GaugeName, surroundings: Surroundings): Target {
  const gauge: GaugeDeclaration = GAUGES[name];
  const { by, as, grain, where = {}, whereNot = {} } = query;
  for (const label of [...by, ...Object.keys(where), ...Object.keys(whereNot)]) {
    if (gauge.labels.includes(label)) continue;
    throw new Error(`Panel ${panel.id}: the gauge ${name} has no label ${label}. It has ${gauge.labels.join(', ') || 'none'}.`);
  }
  const isDate = gauge.unit === 'timestamp' && as !== 'age';
  const factor = isDate ? MS_PER_SECOND : 1;
  const whole = query.reduce === 'one' && by.length === 0 ? wholeSelection(name, query, surroundings) : undefined;
  return {
    expr: whole ?? ordered(panel, query, valueExpr(gauge, query, factor, surroundings)),
    labels: by,
    legend: whole === undefined ? legend(query, name) : capitalized(name),
    key: name,
    title: panel.visualization === 'table' ? gaugeColumn(query, name) : capitalized(name),
    unit: as === 'age' ? 'seconds' : gauge.unit,
    ...(grain !== undefined && { step: DAY }),
    ...(factor !== 1 && { factor }),
  };
}

/** Names of owners stand before what is apart anyway: all together have none. */
function legend({ by, gauges, reduce }: GaugeQuery, name: GaugeName): string {
  if (reduce === 'one' && !OWNERS.some((label) => by.includes(label))) return [...OWNERS, ...by].map((label) => `{{${label}}}`).join(' ');
  return by.length === 0 ? capitalized(name) : `${legendOf(by)}${gauges.length > 1 ? ` · ${capitalized(name)}` : ''}`;
}

function valueExpr(
  { series }: GaugeDeclaration,
  { by, where = {}, whereNot = {}, reduce, as, grain }: GaugeQuery,
  factor: number,
  surroundings: Surroundings,
): string {
  const matchers = [
    ...Object.entries(where).map(([label, value]) => valueMatcher(label, [value])),
    ...Object.entries(whereNot).map(([label, pattern]) => `${label}!~"${pattern}"`),
  ];
  if (reduce === 'one') return ofSelection(series, matchers, by, surroundings);
  const selected = selector(series, matchers, surroundings);
  const reduced = (vector: string): string => `${reduce}${by.length === 0 ? '' : ` by (${by.join(', ')}) `}(${vector})`;
  const value = grain === undefined ? reduced(selected) : atEndOf(DAY, (at) => reduced(at(selected)), LAST_SECOND);
  if (as === 'age') return `time() - ${value}`;
  return factor === 1 ? value : `${factor} * ${value}`;
}

const OWNERS = ['organization', 'team'] as const;

/**
 * A gauge of a selection, whose samples do not add up. Without the labels it is what all together come to. Where an organization is chosen
 * there is one value for each that is, and where teams are, one for each of those: never their sum or the largest.
 */
function ofSelection(
  series: string,
  matchers: readonly string[],
  by: readonly string[],
  surroundings: Surroundings,
  read = (at: string) => at,
): string {
  const samples = (...more: readonly string[]): string => read(selector(series, [...more, ...matchers], surroundings));
  const labels = [...new Set([...OWNERS, ...by])].join(', ');
  if (OWNERS.some((label) => by.includes(label))) {
    const level = OWNERS.map((label) => `${label}${by.includes(label) ? '!=' : '='}""`);
    return `max by (${labels}) (${samples(...level)})`;
  }
  return `max by (${labels}) (${samples('organization=""')} or on () ${samples('team=""')} or on () ${samples()})`;
}

/** By no label, each read as `read` says. */
export const gaugeOfSelection = (
  series: string,
  matchers: readonly string[],
  surroundings: Surroundings,
  read: (selected: string) => string,
): string => ofSelection(series, matchers, [], surroundings, read);

function ordered({ visualization }: Panel, { by, top, least, grain, each }: GaugeQuery, rows: string): string {
  if (by.length === 0 || grain !== undefined || each !== undefined) return rows;
  const [pick, sort] = least === true ? ['bottomk', 'sort'] : ['topk', 'sort_desc'];
  const picked = top === undefined ? rows : `${pick}(${top}, ${rows})`;
  return visualization === 'bars' || visualization === 'budgets' ? `${sort}(${picked})` : picked;
}
