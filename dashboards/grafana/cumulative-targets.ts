/** Cumulative spend as targets: of the time range, of the one as long before, and the budget for exactly what is selected. */
import { GAUGES } from '../../collector/catalog/gauges.ts';
import type { LedgerQuery, Panel } from '../../collector/catalog/panel.ts';
import { firstOf, type Reading, type Step, sumBy } from './readings.ts';
import { type Families, sourcesOf } from './sources.ts';
import type { Target } from './target.ts';
import { SCRAPED, selector } from './variables.ts';

/** Points are as far apart as figures are exact at the end of a day, and the present is not hours away. */
const STEP: Step = '1h';

/** Beginning of the chosen range, Unix seconds. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own syntax.
export const RANGE_START = '${__from:date:seconds}';

/** Now minus the beginning. What did not exist then counts from zero, if the collector was being scraped. */
const sinceStart =
  (offset: string): Reading =>
  (source, by) => {
    const at = (time: string) =>
      sumBy(
        by,
        source.vector((vector) => `${vector}${time}${offset}`),
      );
    return `(${at('')} - (${at(' @ start()')} or ${at('')} * 0 and on () ${SCRAPED} @ start()${offset}))`;
  };

export function cumulativeTargets(panel: Panel, query: LedgerQuery, families: Families): Target[] {
  const sources = sourcesOf({ measures: ['cost'], by: [], where: query.where ?? [] }, families);
  const target = { unit: panel.unit, step: STEP };
  return [
    { ...target, key: 'spent', title: 'Spent', legend: 'Spent', expr: firstOf(sources, [], sinceStart('')) },
    { ...target, key: 'previous', title: 'Previous period', legend: 'Previous period', expr: firstOf(sources, [], sinceStart(' offset $__range')) },
    { ...target, key: 'budget', title: 'Budget', legend: 'Budget {{budget}}', expr: budgetExpr() },
  ];
}

/** One chosen team is the scope "team=…" letter for letter; several, or all, are no team's scope. */
function budgetExpr(): string {
  const limits = [`scope="everything"`, `scope="team=$team"`].map((scope) => selector(GAUGES.budget_limit.series, [scope]));
  const began = `${selector(GAUGES.budget_period_start.series, [])} == ${RANGE_START}`;
  return `max by (budget) (${limits.join(' or ')}) and on (budget) (${began})`;
}
