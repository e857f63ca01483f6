/** Every series that the collector exposes, by name, and the labels it may carry: what expressions are checked against. */

import { GAUGES } from '../../collector/catalog/gauges.ts';
import { LABELS, SELF_SERIES, SERIES } from '../../collector/catalog/names.ts';
import { completeSeries, FAMILIES, FAMILY_NAMES, FEATURE_LABELS, familySeries, periodSeries } from '../../collector/catalog/series-families.ts';

const exposed = new Map<string, Set<string>>();
const add = (name: string, labels: readonly string[]): void => {
  const known = exposed.getOrInsertComputed(name, () => new Set());
  for (const label of labels) known.add(label);
};

for (const family of FAMILY_NAMES) {
  const labels = [...FAMILIES[family].labels, ...(family === 'feature' ? Object.values(FEATURE_LABELS) : [])];
  for (const series of familySeries(family)) add(series.name, [...labels, ...Object.keys(series.labels)]);
  add(completeSeries(family), []);
  if (FAMILIES[family].periods.length > 0) add(periodSeries(family), [...labels, LABELS.period]);
}
for (const gauge of Object.values(GAUGES)) add(gauge.series, gauge.labels);
for (const name of [SERIES.buildInfo, SERIES.asOf, SERIES.droppedSeries]) add(name, []);
add(SERIES.periodKnown, [LABELS.period]);
for (const name of Object.values(SELF_SERIES)) for (const suffix of ['', '_total', '_bucket']) add(`${name}${suffix}`, []);

export const EXPOSED: ReadonlyMap<string, ReadonlySet<string>> = exposed;
