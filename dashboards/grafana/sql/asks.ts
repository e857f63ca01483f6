/** SQL as queries of Grafana's PostgreSQL data source, for which the SDK has no builder. */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type * as common from '@grafana/grafana-foundation-sdk/common';
import { type Asks, refIdOf } from '../drawing.ts';
import type { SqlQuery } from './query.ts';

/** As Grafana 10 and later call it. */
export const PLUGIN = 'grafana-postgresql-datasource';
/** The board's data source variable; Grafana fills it in. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own syntax.
export const DATASOURCE: common.DataSourceRef = { type: PLUGIN, uid: '${datasource}' };

type Format = 'time_series' | 'table';

class SqlDataquery implements Dataquery {
  readonly refId: string;
  readonly datasource = DATASOURCE;
  readonly rawSql: string;
  readonly format: Format;
  readonly rawQuery = true;
  readonly editorMode = 'code';

  constructor(refId: string, rawSql: string, format: Format) {
    this.refId = refId;
    this.rawSql = rawSql;
    this.format = format;
  }

  /** What the SDK tells queries apart by. */
  _implementsDataqueryVariant(): void {}
}

export const sqlBuilder = (refId: string, sql: string, format: Format): Builder<Dataquery> => ({ build: () => new SqlDataquery(refId, sql, format) });

export function sqlAsks(queries: readonly SqlQuery[]): Asks {
  const builders = queries.map(({ sql, isTimed }, index) => sqlBuilder(refIdOf(index), sql, isTimed ? 'time_series' : 'table'));
  return { datasource: DATASOURCE, series: builders, table: builders, joining: [], displayName: displayNameOf(queries) };
}

/** By one label Grafana names a series itself. */
function displayNameOf(queries: readonly SqlQuery[]): string | undefined {
  const [first] = queries;
  if (first === undefined || !first.isTimed || queries.length > 1) return undefined;
  if (first.labels.length < 2 && first.hasRest !== true) return undefined;
  return first.labels.map((label) => `\${__field.labels.${label}}`).join(' · ');
}
