/** A query over the collector's own series, counted since each replica started. The database has no past of them: over time they are in Prometheus. */
import type { Panel, SelfQuery } from '../../../collector/catalog/panel.ts';
import { column, TO, text } from './names.ts';
import { type SqlQuery, VALUE } from './query.ts';

const SUFFIX = { counter: '_total', gauge: '', p99: '_bucket' } as const;
const P99 = 0.99;

export function selfQuery({ title, unit }: Panel, query: SelfQuery): SqlQuery {
  const { kind, by } = query;
  return { sql: kind === 'p99' ? quantileSql(query) : sumSql(query), labels: by, columns: [{ key: kind, title, name: VALUE, unit }], isTimed: true };
}

const labelOf = (name: string): string => `coalesce(labels ->> ${text(name)}, '')`;

function whereOf({ series, kind, where = {} }: SelfQuery): string {
  const name = series.endsWith(SUFFIX[kind]) ? series : `${series}${SUFFIX[kind]}`;
  return [`series = ${text(name)}`, ...Object.entries(where).map(([label, value]) => `${labelOf(label)} = ${text(value)}`)].join(' AND ');
}

function sumSql(query: SelfQuery): string {
  const { by } = query;
  const labels = by.map((name) => `${labelOf(name)} AS ${column(name)}, `).join('');
  const numbers = by.map((_, index) => index + 2).join(', ');
  const grouped = by.length === 0 ? 'HAVING count(*) > 0' : `GROUP BY ${numbers}\nORDER BY ${by.length + 2} DESC, ${numbers}`;
  return `SELECT ${TO} AS "time", ${labels}sum(value) AS "${VALUE}"\nFROM collector_series\nWHERE ${whereOf(query)}\n${grouped}`;
}

/** Of all that was observed since the start. Without observations there is none. */
function quantileSql(query: SelfQuery): string {
  if (query.by.length > 0) throw new Error('A percentile by labels has no SQL yet.');
  const buckets = `SELECT (labels ->> 'le')::numeric AS le, sum(value) AS upto FROM collector_series WHERE ${whereOf(query)} GROUP BY 1`;
  const finite = `FILTER (WHERE le < 'Infinity')`;
  return `SELECT * FROM (\nSELECT ${TO} AS "time", quantile(${P99}, max(upto), array_agg(le ORDER BY le) ${finite}, array_agg(upto ORDER BY le) ${finite}) AS "${VALUE}"\nFROM (${buckets}) AS buckets\n) AS found\nWHERE "${VALUE}" IS NOT NULL`;
}
