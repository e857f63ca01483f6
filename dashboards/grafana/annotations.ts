/** Marks on the time axis: each sample of the gauge is an instant. Grafana expects it in milliseconds. */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { GAUGES } from '../../collector/catalog/gauges.ts';
import type { Annotation } from '../../collector/catalog/panel.ts';
import { DATASOURCE } from './prometheus-asks.ts';
import type { Surroundings } from './surroundings.ts';
import { selector } from './variables.ts';

/** Marks less than a step apart are one. */
const STEP = '60s';

export function annotationBuilder({ title, gauge, labels }: Annotation, surroundings: Surroundings): dashboard.AnnotationQueryBuilder {
  const expr = `max by (${labels.join(', ')}) (${selector(GAUGES[gauge].series, [], surroundings)}) * 1000`;
  return new dashboard.AnnotationQueryBuilder()
    .name(title)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor('purple')
    .target(new DataqueryBuilder().refId('Anno').datasource(DATASOURCE).expr(expr).interval(STEP).range())
    .titleFormat(title)
    .textFormat(labels.map((label) => `{{${label}}}`).join(': '))
    .tagKeys(labels.join(','))
    .useValueForTime(true);
}
