/** A query over the ledger's figures, as SQL. */
import { figureWords } from '../../../collector/catalog/figure-titles.ts';
import { isAvailable, isShareOfShown, isSum, measuresOf } from '../../../collector/catalog/figure-values.ts';
import { type FigureName, figureUnit } from '../../../collector/catalog/figures.ts';
import { DIMENSIONS, type DimensionName } from '../../../collector/catalog/measures.ts';
import type { LedgerQuery, Panel } from '../../../collector/catalog/panel.ts';
import { windowTitle } from '../../../collector/catalog/titles.ts';
import { capitalized, REST } from '../target.ts';
import { figureSql } from './figures.ts';
import { column, fixedCondition, heading, TO, text, variableConditions, whereOf } from './names.ts';
import { type SqlColumn, type SqlQuery, VALUE } from './query.ts';
import { daysRelation, type Relation, relationOf, windowFrom, windowTo } from './relations.ts';
import type { Variables } from './surroundings.ts';

/** Where a panel's rows come from, narrowed. */
export interface Selected {
  readonly from: string;
  readonly where: string;
}

export function selected(query: LedgerQuery, variables: Variables, relation: (needed: readonly DimensionName[]) => Relation): Selected {
  const fixed = query.where ?? [];
  const { from, conditions } = relation([...query.by, ...fixed.map(({ dimension }) => dimension), ...variables]);
  return { from, where: whereOf([...conditions, ...fixed.map(fixedCondition), ...variableConditions(variables)]) };
}

export function ledgerQuery(panel: Panel, query: LedgerQuery, variables: Variables): SqlQuery {
  refuseUnknown(panel, query, variables);
  if (query.grain !== undefined) return daysQuery(panel, query, variables);
  const rows = selected(query, variables, (needed) => relationOf(query.window, needed));
  if (query.summary === 'distinct') return summaryQuery(panel, query, distinctSql(query, rows, panel.title));
  if (query.summary === 'absent_share') return summaryQuery(panel, query, absentShareSql(query, rows, panel.title));
  if (panel.visualization === 'table' && query.by.length > 0) return tableQuery(query, rows);
  return query.by.length === 0 ? figuresQuery(query, rows) : barsQuery(query, rows);
}

/** Of models that are chosen, what is not known of models would be zero. */
function refuseUnknown({ id }: Panel, { figures }: LedgerQuery, variables: Variables): void {
  if (!variables.includes('model')) return;
  const unknown = figures.find((name) => !isAvailable(name, [{ dimension: 'model', values: ['any'] }]));
  if (unknown !== undefined) throw new Error(`Panel ${id}: ${unknown} is not known by model.`);
}

const firstOf = ({ figures: [first = 'cost'] }: LedgerQuery): FigureName => first;

export const figureColumn = (name: FigureName, title = figureWords(name), answered = title): SqlColumn => ({
  key: name,
  title,
  name: answered,
  unit: figureUnit(name),
  ...(isSum(name) && { isAdditive: true as const }),
});

/** Each figure a column beside the end of the range. */
function figuresQuery({ figures, window }: LedgerQuery, { from, where }: Selected): SqlQuery {
  const columns = figures.map((name) => figureColumn(name));
  const named = columns.map(({ name }, index) => `${figureSql(figures[index] ?? 'cost', { isAlone: true })} AS ${heading(name)}`);
  return {
    sql: `SELECT ${TO} AS "time", ${named.join(', ')}\nFROM ${from}${where}${knownCondition(window)}`,
    labels: [],
    columns,
    isTimed: true,
  };
}

/** Of a month that the ledger does not know, nothing is shown; of one in which it began, what it has. */
function knownCondition(window: LedgerQuery['window']): string {
  if (window === 'last_month') return `\nHAVING known_since() < ${windowTo(window)}`;
  return window === 'last_month_to_date' ? `\nHAVING known_since() <= ${windowFrom(window)}` : '';
}

/** The largest, and the rest of them in one row where they add up. */
function barsQuery(query: LedgerQuery, { from, where }: Selected): SqlQuery {
  const { by, top } = query;
  const first = firstOf(query);
  const labels = by.map(column);
  const value = figureSql(first, { isAlone: false });
  const raw = figureSql(first, { isAlone: false, isRaw: true });
  const grouped = `FROM ${from}${where}\nGROUP BY ${labels.join(', ')}`;
  const columns = [figureColumn(first, figureWords(first), VALUE)];
  if (top === undefined || !isSum(first)) {
    const limit = top === undefined ? '' : ` LIMIT ${top}`;
    return {
      sql: `SELECT ${TO} AS "time", ${labels.join(', ')}, ${value} AS "${VALUE}"\n${grouped}\nHAVING ${raw} <> 0\nORDER BY ${by.length + 2} DESC, ${labels.join(', ')}${limit}`,
      labels: by,
      columns,
      isTimed: true,
    };
  }
  const ranked = `SELECT ${labels.join(', ')}, ${value} AS amount, row_number() OVER (ORDER BY ${raw} DESC, ${labels.join(', ')}) AS place\n${grouped}\nHAVING ${raw} <> 0`;
  return {
    sql: `WITH ranked AS (\n${ranked}\n)\nSELECT ${TO} AS "time", ${keptLabels(labels, top)}, sum(amount) AS "${VALUE}"\nFROM ranked\nGROUP BY ${groupNumbers(by.length)}\nORDER BY min(place)`,
    labels: by,
    columns,
    isTimed: true,
    hasRest: true,
  };
}

const keptLabels = (labels: readonly string[], top: number): string =>
  [
    ...labels.map((label, index) => `CASE WHEN place <= ${top} THEN ${label} ELSE ${text(index === 0 ? REST : '')} END AS ${label}`),
    `(place > ${top})::text AS rest`,
  ].join(', ');
/** After the time: labels, and whether it is the rest. */
const groupNumbers = (labels: number): string => Array.from({ length: labels + 1 }, (_, index) => index + 2).join(', ');

function tableQuery({ figures, by, window }: LedgerQuery, { from, where }: Selected): SqlQuery {
  const columns = figures.map((name) => figureColumn(name, `${figureWords(name)} ${windowTitle(window)}`));
  const labels = by.map((name) => `${column(name)} AS ${heading(capitalized(name))}`);
  const named = columns.map(({ name }, index) => `${figureSql(figures[index] ?? 'cost', { isAlone: false })} AS ${heading(name)}`);
  return {
    sql: `SELECT ${[...labels, ...named].join(', ')}\nFROM ${from}${where}\nGROUP BY ${by.map(column).join(', ')}\nHAVING ${isAnything(figures)}\nORDER BY ${by.length + 1} DESC NULLS LAST, ${by.map((_, index) => index + 1).join(', ')}`,
    labels: by.map(capitalized),
    columns,
    isTimed: false,
  };
}

/** Rows of nothing but zeros are none. */
function isAnything(figures: readonly FigureName[]): string {
  const measures = measuresOf(figures.filter((name) => !isShareOfShown(name, figures)));
  const [only] = measures;
  return measures.length === 1 ? `sum(${only}) <> 0` : `num_nonnulls(${measures.map((name) => `nullif(sum(${name}), 0)`).join(', ')}) > 0`;
}

function summaryQuery({ title, unit }: Panel, query: LedgerQuery, sql: string): SqlQuery {
  return { sql, labels: [], columns: [{ key: firstOf(query), title, name: title, unit }], isTimed: true };
}

const known = ([name = 'user']: readonly DimensionName[], sign: '=' | '<>' = '<>'): string =>
  `${column(name)} ${sign} ${text(DIMENSIONS[name].absent)}`;
const also = (where: string, condition: string): string => (where === '' ? `\nWHERE ${condition}` : `${where} AND ${condition}`);

/** How many known values have the figure. */
function distinctSql({ by, figures: [first = 'cost'] }: LedgerQuery, { from, where }: Selected, title: string): string {
  const [name = 'user'] = by;
  const rows = `SELECT ${column(name)} FROM ${from}${also(where, known(by))}\nGROUP BY 1 HAVING ${figureSql(first, { isAlone: false, isRaw: true })} <> 0`;
  return `SELECT ${TO} AS "time", count(*) AS ${heading(title)}\nFROM (${rows}) AS seen`;
}

/** What share of the figure has no known value. */
function absentShareSql({ by, figures: [first = 'cost'] }: LedgerQuery, { from, where }: Selected, title: string): string {
  const total = `sum(${measuresOf([first]).join(' + ')})`;
  return `SELECT ${TO} AS "time", coalesce(${total} FILTER (WHERE ${known(by, '=')}), 0) / nullif(${total}, 0) AS ${heading(title)}\nFROM ${from}${where}`;
}

/** A bar or a point for each day. */
function daysQuery(panel: Panel, query: LedgerQuery, variables: Variables): SqlQuery {
  const { figures, by, top } = query;
  const rows = selected(query, variables, daysRelation);
  if (query.summary === 'distinct') return summaryQuery(panel, query, distinctDaysSql(query, rows, panel.title));
  if (by.length > 0) return groupDaysQuery(query, rows, top);
  const columns = figures.map((name) => figureColumn(name));
  const named = columns.map(({ name }, index) => `${figureSql(figures[index] ?? 'cost', { isAlone: false })} AS ${heading(name)}`);
  return {
    sql: `SELECT start_s AS "time", ${named.join(', ')}\nFROM ${rows.from}${rows.where}\nGROUP BY 1 ORDER BY 1`,
    labels: [],
    columns,
    isTimed: true,
  };
}

function distinctDaysSql({ by, figures: [first = 'cost'] }: LedgerQuery, { from, where }: Selected, title: string): string {
  const [name = 'user'] = by;
  const rows = `SELECT start_s, ${column(name)} FROM ${from}${also(where, known(by))}\nGROUP BY 1, 2 HAVING ${figureSql(first, { isAlone: false, isRaw: true })} <> 0`;
  return `SELECT start_s AS "time", count(*) AS ${heading(title)}\nFROM (${rows}) AS seen\nGROUP BY 1 ORDER BY 1`;
}

/** Who is among the largest of the range is the same in all of its bars. */
function groupDaysQuery(query: LedgerQuery, { from, where }: Selected, top = Number.MAX_SAFE_INTEGER): SqlQuery {
  const first = firstOf(query);
  if (!isSum(first)) throw new Error(`${first} by days has no rest that it could be ranked with.`);
  const labels = query.by.map(column);
  const days = `SELECT start_s, ${labels.join(', ')}, ${figureSql(first, { isAlone: false })} AS amount\nFROM ${from}${where}\nGROUP BY start_s, ${labels.join(', ')}`;
  const places = `SELECT ${labels.join(', ')}, row_number() OVER (ORDER BY sum(amount) DESC, ${labels.join(', ')}) AS place FROM days GROUP BY ${labels.join(', ')} HAVING sum(amount) <> 0`;
  return {
    sql: `WITH days AS (\n${days}\n), places AS (\n${places}\n)\nSELECT start_s AS "time", ${keptLabels(labels, top)}, sum(amount) AS "${VALUE}"\nFROM days JOIN places USING (${labels.join(', ')})\nGROUP BY 1, ${groupNumbers(labels.length)}\nORDER BY 1, min(place)`,
    labels: query.by,
    columns: [figureColumn(first, figureWords(first), VALUE)],
    isTimed: true,
    hasRest: true,
  };
}
