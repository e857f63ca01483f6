/** A query over the collector's own series. They start again from zero with the collector, so increase() and rate() are right for them. */
import type { Panel, SelfQuery } from '../../collector/catalog/panel.ts';
import { sumBy } from './readings.ts';
import { legendOf, type Target } from './target.ts';
import { valueMatcher } from './variables.ts';

export function selfTargets(panel: Panel, query: SelfQuery): Target[] {
  const { by, kind } = query;
  const rows = valueExpr(query);
  const expr = by.length > 0 && panel.visualization === 'bars' ? `sort_desc(${rows})` : rows;
  return [{ expr, labels: by, legend: by.length === 0 ? panel.title : legendOf(by), key: kind, title: panel.title, unit: panel.unit }];
}

function valueExpr({ series, by, where = {}, kind }: SelfQuery): string {
  const matchers = Object.entries(where).map(([label, value]) => valueMatcher(label, [value]));
  const selected = (suffix: string): string => `${series}${suffix}${matchers.length === 0 ? '' : `{${matchers.join(',')}}`}`;
  if (kind === 'gauge') return sumBy(by, selected(''));
  if (kind === 'counter') return sumBy(by, `increase(${selected('_total')}[$__range])`);
  // Without observations the quantile is no number, which the comparison drops.
  return `(histogram_quantile(0.99, ${sumBy([...by, 'le'], `rate(${selected('_bucket')}[$__range])`)}) >= 0)`;
}
