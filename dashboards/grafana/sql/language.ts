/** Boards over Grafana's PostgreSQL data source: SQL over the views of a shared ledger. */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import type { VariableName } from '../../../collector/catalog/board-variables.ts';
import { PRODUCT } from '../../../collector/catalog/names.ts';
import type { Annotation, Board, Panel } from '../../../collector/catalog/panel.ts';
import { dimensionWords } from '../../../collector/catalog/titles.ts';
import { OTHER } from '../../../collector/catalog/values.ts';
import type { Drawn, Language } from '../language.ts';
import { capitalized } from '../target.ts';
import { datasourceVariable } from '../toolbar.ts';
import { DATASOURCE, PLUGIN, sqlAsks, sqlBuilder } from './asks.ts';
import { ALL_VALUE, column, FROM, TO, text, variableCondition, variableConditions, whereOf } from './names.ts';
import { panelQueries } from './panel-queries.ts';
import { type Variables, variablesOf } from './surroundings.ts';
import { TRUST_QUERIES } from './trust.ts';

export const SQL_PREFIX = `${PRODUCT}-sql`;

export function sqlLanguage(board: Board, { datasourceUid }: { readonly datasourceUid?: string | undefined }): Language {
  const variables = variablesOf(board);
  return {
    title: 'Ledgerline SQL',
    prefix: SQL_PREFIX,
    variables,
    toolbar: [datasourceVariable(PLUGIN, datasourceUid), ...variables.map((name) => listVariable(name, variables, name === board.single))],
    annotate: (annotation) => annotationBuilder(annotation, variables),
    draw: (panel) => draw(panel, variables),
    trust: TRUST_QUERIES.map(({ query, ...panel }) => ({
      panel,
      drawn: { by: [], columns: query.columns, hasRest: false, asks: sqlAsks([query]) },
    })),
  };
}

const EACH = 'If several organizations or teams are selected, each has a figure of its own.';

function draw(panel: Panel, variables: Variables): Drawn {
  const queries = panelQueries(panel, variables);
  const [first] = queries;
  return {
    ...(isOfEach(panel, first?.labels ?? []) && { description: `${panel.description} ${EACH}` }),
    by: panel.query.by,
    columns: queries.length === 1 ? (first?.columns ?? []) : [],
    hasRest: queries.some(({ hasRest }) => hasRest === true),
    asks: sqlAsks(queries),
  };
}

/** Are its rows named by their owner, although the panel does not distinguish them? */
const isOfEach = ({ query }: Panel, labels: readonly string[]): boolean =>
  query.source === 'gauge' && query.reduce === 'one' && labels.length > 0 && !['organization', 'team'].some((label) => query.by.includes(label));

/** Its values, of the organization and team that were chosen before it. A single one is the first there is until another is chosen. */
function listVariable(name: VariableName, variables: Variables, isSingle: boolean): dashboard.QueryVariableBuilder {
  const narrowedBy = (['organization', 'team'] as const).filter(
    (label) => variables.includes(label) && variables.indexOf(label) < variables.indexOf(name),
  );
  const conditions = [...(isSingle ? [`${column(name)} <> ${text(OTHER)}`] : []), ...narrowedBy.map(variableCondition)];
  const sql = `SELECT DISTINCT ${column(name)} FROM total_person${whereOf(conditions).replace('\n', ' ')} ORDER BY 1`;
  const variable = new dashboard.QueryVariableBuilder(name)
    .label(capitalized(dimensionWords(name)))
    .datasource(DATASOURCE)
    .query(sql)
    .definition(sql)
    .sort(dashboard.VariableSort.AlphabeticalCaseInsensitiveAsc)
    .refresh(dashboard.VariableRefresh.OnDashboardLoad);
  if (isSingle) return variable.multi(false).includeAll(false);
  return variable
    .multi(true)
    .includeAll(true)
    .allValue(ALL_VALUE)
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

function annotationBuilder({ title, gauge, labels }: Annotation, variables: Variables): dashboard.AnnotationQueryBuilder {
  const where = whereOf([`metric = ${text(gauge)}`, `value >= ${FROM}`, `value < ${TO}`, ...variableConditions(variables)]);
  const sql = `SELECT value AS "time", concat_ws(': ', ${labels.map(column).join(', ')}) AS "text"\nFROM gauges${where}\nORDER BY 1`;
  return new dashboard.AnnotationQueryBuilder()
    .name(title)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor('purple')
    .target(sqlBuilder('Anno', sql, 'table'));
}
