/** The variables at the top of every board. "All" is a pattern, not a list of every user there is. */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import type { VariableName } from '../../collector/catalog/board-variables.ts';
import { exposedSeries } from '../../collector/catalog/series-families.ts';
import { dimensionWords } from '../../collector/catalog/titles.ts';
import { DATASOURCE } from './drawing.ts';
import { capitalized } from './target.ts';

/** Which series knows the values, and which choices narrow the list: those made before it, as far as the series has their labels. */
const LISTS: Readonly<Record<VariableName, readonly [series: string, narrowedBy: readonly VariableName[]]>> = {
  organization: [exposedSeries('person_model', 'cost').name, []],
  team: [exposedSeries('person_model', 'cost').name, ['organization']],
  workspace: [exposedSeries('workspace', 'cost').name, ['organization', 'team']],
  user: [exposedSeries('person_model', 'cost').name, ['organization', 'team']],
  model: [exposedSeries('person_model', 'cost').name, ['organization']],
  repository: [exposedSeries('workspace', 'cost').name, ['organization', 'team']],
};

export function datasourceVariable(uid: string | undefined): dashboard.DatasourceVariableBuilder {
  const builder = new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus');
  return uid === undefined ? builder : builder.current({ selected: true, text: uid, value: uid });
}

export function labelVariable(name: VariableName): dashboard.QueryVariableBuilder {
  const [series, narrowedBy] = LISTS[name];
  const matchers = narrowedBy.map((label) => `${label}=~"$${label}"`).join(',');
  const definition = `label_values(${series}${matchers === '' ? '' : `{${matchers}}`}, ${name})`;
  return new dashboard.QueryVariableBuilder(name)
    .label(capitalized(dimensionWords(name)))
    .datasource(DATASOURCE)
    .query({ query: definition, refId: name })
    .definition(definition)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] })
    .sort(dashboard.VariableSort.AlphabeticalCaseInsensitiveAsc)
    .refresh(dashboard.VariableRefresh.OnDashboardLoad);
}
