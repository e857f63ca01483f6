/** The variables at the top of every board. "All" is a pattern, not a list of every user there is. */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import type { VariableName } from '../../collector/catalog/board-variables.ts';
import { exposedSeries, type FamilyName } from '../../collector/catalog/series-families.ts';
import { dimensionWords } from '../../collector/catalog/titles.ts';
import { OTHER } from '../../collector/catalog/values.ts';
import { DATASOURCE } from './prometheus-asks.ts';
import type { Surroundings } from './surroundings.ts';
import { capitalized } from './target.ts';
import { selector, valueMatcher } from './variables.ts';

/** The smallest family that has each label, and a series that is there for all of its values. */
const LISTS: Readonly<Record<VariableName, FamilyName>> = {
  organization: 'team',
  team: 'team',
  workspace: 'workspace',
  user: 'person',
  model: 'model',
  repository: 'workspace',
};
/** Grafana's plugin for Prometheus keeps a query of this kind as what its editor shows: a label of a series. */
const LABEL_VALUES = { qryType: 1, refId: 'PrometheusVariableQueryEditor-VariableQuery' } as const;

export function datasourceVariable(type: string, uid: string | undefined): dashboard.DatasourceVariableBuilder {
  const builder = new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type(type);
  return uid === undefined ? builder : builder.current({ selected: true, text: uid, value: uid });
}

/** Its values, of the organization and team that were chosen before it. A single one is the first there is until another is chosen. */
export function labelVariable(name: VariableName, { variables, families }: Surroundings, isSingle: boolean): dashboard.QueryVariableBuilder {
  const family = LISTS[name];
  const narrowedBy = (['organization', 'team'] as const).filter(
    (label) => variables.indexOf(label) < variables.indexOf(name) && variables.includes(label) && families[family].labels.includes(label),
  );
  const own = isSingle ? [valueMatcher(name, [OTHER], true)] : [];
  const query = `label_values(${selector(exposedSeries(family, 'cost').name, own, { variables: narrowedBy })},${name})`;
  const variable = new dashboard.QueryVariableBuilder(name)
    .label(capitalized(dimensionWords(name)))
    .datasource(DATASOURCE)
    .query({ ...LABEL_VALUES, query })
    .definition(query)
    .sort(dashboard.VariableSort.AlphabeticalCaseInsensitiveAsc)
    .refresh(dashboard.VariableRefresh.OnDashboardLoad);
  if (isSingle) return variable.multi(false).includeAll(false);
  return variable
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}
