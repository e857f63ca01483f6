/** Cumulative spend as targets: of the time range, of the one as long before, and the budget for exactly what is selected. */
import { GAUGES } from '../../collector/catalog/gauges.ts';
import type { LedgerQuery, Panel } from '../../collector/catalog/panel.ts';
import { requireSource } from './ledger-amounts.ts';
import { between, newest, type Step } from './readings.ts';
import type { Surroundings } from './surroundings.ts';
import type { Target } from './target.ts';
import { selector } from './variables.ts';

/** Points are as far apart as figures are exact at the end of a day, and the present is not hours away. */
export const CUMULATIVE_STEP: Step = '1h';

/** Beginning of the chosen range, Unix seconds. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own syntax.
export const RANGE_START = '${__from:date:seconds}';

/** PromQL knows no calendar: what the built-in page calls the previous period is another time, and these are not its words. */
export const AS_LONG_BEFORE = 'As long before';

export function cumulativeTargets(panel: Panel, query: LedgerQuery, surroundings: Surroundings): Target[] {
  const asked = { ...surroundings, panelId: panel.id, by: [], where: query.where ?? [], window: query.window, step: CUMULATIVE_STEP };
  const source = requireSource(asked, ['cost']);
  const spent = between(' @ start()', '')(source, []);
  const previous = between(' @ start() offset $__range', ' offset $__range')(source, []);
  const target = { labels: [], unit: panel.unit, step: CUMULATIVE_STEP };
  return [
    { ...target, key: 'spent', title: 'Spent', legend: 'Spent', expr: spent },
    { ...target, key: 'previous', title: AS_LONG_BEFORE, legend: AS_LONG_BEFORE, expr: previous },
    { ...target, labels: ['budget'], key: 'budget', title: 'Budget', legend: 'Budget {{budget}}', expr: budgetExpr(surroundings) },
  ];
}

/** What is chosen is a scope letter for letter, "team=web.shop", not as Grafana escapes it for =~. All is no scope. */
function budgetExpr(surroundings: Surroundings): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own syntax.
  const scopes = [`scope="everything"`, ...(surroundings.variables.includes('team') ? ['scope=`team=${team:pipe}`'] : [])];
  const limits = scopes.map((scope) => newest(selector(GAUGES.budget_limit.series, [scope], surroundings)));
  const began = `${newest(selector(GAUGES.budget_period_start.series, [], surroundings))} == ${RANGE_START}`;
  return `max by (budget) (${limits.join(' or ')}) and on (budget) (${began})`;
}
