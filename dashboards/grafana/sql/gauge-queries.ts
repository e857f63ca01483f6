/** A query over gauges, as SQL over the samples that the collector writes. */
import { gaugeColumn } from '../../../collector/catalog/gauge-titles.ts';
import { GAUGES, type GaugeDeclaration, type GaugeName } from '../../../collector/catalog/gauges.ts';
import type { GaugeQuery, Panel } from '../../../collector/catalog/panel.ts';
import { capitalized } from '../target.ts';
import { column, FROM, heading, TO, text, variableConditions, whereOf } from './names.ts';
import { type SqlColumn, type SqlQuery, VALUE } from './query.ts';
import type { Variables } from './surroundings.ts';
import { wholeSelection } from './whole-selection.ts';

/** Timestamps are in seconds, Grafana's dates in milliseconds. */
const MS_PER_SECOND = 1_000;
const OWNERS = ['organization', 'team'] as const;

export function gaugeQuery(panel: Panel, query: GaugeQuery, variables: Variables): SqlQuery {
  refuseUnknown(panel, query);
  const { by, grain, reduce } = query;
  const [name] = query.gauges;
  if (name === undefined) throw new Error(`Panel ${panel.id} names no gauge.`);
  if (grain !== undefined) return daysQuery(query, name, variables);
  const whole = reduce === 'one' && by.length === 0 ? wholeSelection(name, query, variables) : undefined;
  if (whole !== undefined) return { sql: whole, labels: [], columns: [columnOf(query, name, VALUE)], isTimed: true };
  if (reduce === 'one' && !isOfOwners(by)) return selectionQuery(panel, query, name, variables);
  return panel.visualization === 'table' ? tableQuery(query, variables) : rowsQuery(panel, query, name, variables);
}

function refuseUnknown({ id }: Panel, { gauges, by, where = {}, whereNot = {} }: GaugeQuery): void {
  for (const name of gauges) {
    const { labels }: GaugeDeclaration = GAUGES[name];
    const unknown = [...by, ...Object.keys(where), ...Object.keys(whereNot)].find((label) => !labels.includes(label));
    if (unknown !== undefined) throw new Error(`Panel ${id}: the gauge ${name} has no label ${unknown}.`);
  }
}

const isOfOwners = (by: readonly string[]): boolean => OWNERS.some((label) => by.includes(label));

/** Of a gauge of a selection the samples of what `by` asks for: of teams, or of organizations. */
const levelConditions = ({ by, reduce }: GaugeQuery): string[] =>
  reduce === 'one' && isOfOwners(by) ? OWNERS.map((label) => `${label} ${by.includes(label) ? '<>' : '='} ''`) : [];

function conditionsOf({ where = {}, whereNot = {}, ...query }: GaugeQuery, variables: Variables): string[] {
  return [
    ...Object.entries(where).map(([label, value]) => `${column(label)} = ${text(value)}`),
    ...Object.entries(whereNot).map(([label, pattern]) => `${column(label)} !~ ${text(`^(${pattern})\\Z`)}`),
    ...levelConditions({ ...query, where, whereNot }),
    ...variableConditions(variables),
  ];
}

const isDate = ({ as }: GaugeQuery, name: GaugeName): boolean => GAUGES[name].unit === 'timestamp' && as !== 'age';

function columnOf(query: GaugeQuery, name: GaugeName, answered: string, key: string = name, title = gaugeColumn(query, name)): SqlColumn {
  const { unit }: GaugeDeclaration = GAUGES[name];
  return {
    ...{ key, title, name: answered, unit: query.as === 'age' ? 'seconds' : unit },
    ...(isDate(query, name) && { factor: MS_PER_SECOND }),
  };
}

/** Each label set has one sample of a gauge of a selection. */
const aggregateOf = ({ reduce }: GaugeQuery): string => (reduce === 'one' ? 'max' : reduce);

/** A timestamp is shown as the time since then: which of several it is has to be decided first. */
function shown(query: GaugeQuery, name: GaugeName, value: string): string {
  if (query.as === 'age') return `extract(epoch FROM now()) - ${value}`;
  return isDate(query, name) ? `${value} * ${MS_PER_SECOND}` : value;
}

function rowsQuery({ visualization }: Panel, query: GaugeQuery, name: GaugeName, variables: Variables): SqlQuery {
  const { by, each } = query;
  const labels = by.map(column);
  const isTimed = visualization !== 'heatmap';
  const value = shown(query, name, `${aggregateOf(query)}(value)`);
  const chosen = each === undefined ? [] : [`${column(each.label)} IN (${each.values.map(([one]) => text(one)).join(', ')})`];
  const where = whereOf([`metric = ${text(name)}`, ...chosen, ...conditionsOf(query, variables)]);
  // Without samples there is no row, also not of zero.
  const grouped = labels.length === 0 ? '\nHAVING count(*) > 0' : `\nGROUP BY ${labels.join(', ')}\nORDER BY ${orderOf(query)}`;
  return {
    sql: `SELECT ${[...(isTimed ? [`${TO} AS "time"`] : []), ...labels, `${value} AS "${VALUE}"`].join(', ')}\nFROM gauges${where}${grouped}${limitOf(query)}`,
    labels: by,
    columns: [columnOf(query, name, VALUE)],
    isTimed,
  };
}

function orderOf({ by, each, least }: GaugeQuery): string {
  const labels = by.map(column).join(', ');
  if (each !== undefined && by.includes(each.label))
    return `array_position(ARRAY[${each.values.map(([one]) => text(one)).join(', ')}], ${column(each.label)})`;
  return `"${VALUE}"${least === true ? '' : ' DESC'}, ${labels}`;
}

const limitOf = ({ top, by }: GaugeQuery): string => (top === undefined || by.length === 0 ? '' : `\nLIMIT ${top}`);

/** One column for each gauge, or for each value that it is to be distinguished by. */
function tableQuery(query: GaugeQuery, variables: Variables): SqlQuery {
  const { gauges, by, each } = query;
  const aggregate = aggregateOf(query);
  const columns = columnsOf(query);
  const labels = by.map((label) => `${column(label)} AS ${heading(capitalized(label))}`);
  const amounts = columns.map(({ gauge, value, shownAs }) => {
    const filters = [
      ...(gauges.length > 1 ? [`metric = ${text(gauge)}`] : []),
      ...(value === undefined || each === undefined ? [] : [`${column(each.label)} = ${text(value)}`]),
    ];
    const filter = filters.length === 0 ? '' : ` FILTER (WHERE ${filters.join(' AND ')})`;
    return `${shown(query, gauge, `${aggregate}(value)${filter}`)} AS ${heading(shownAs.name)}`;
  });
  const metric = gauges.length === 1 ? `metric = ${text(gauges[0] ?? '')}` : `metric IN (${gauges.map(text).join(', ')})`;
  const numbers = by.map((_, index) => index + 1).join(', ');
  const grouped =
    by.length === 0
      ? '\nHAVING count(*) > 0'
      : `\nGROUP BY ${numbers}\nORDER BY ${by.length + 1}${query.least === true ? '' : ' DESC'} NULLS LAST, ${numbers}`;
  return {
    sql: `SELECT ${[...labels, ...amounts].join(', ')}\nFROM gauges${whereOf([metric, ...conditionsOf(query, variables)])}${grouped}${limitOf(query)}`,
    labels: by.map(capitalized),
    columns: columns.map(({ shownAs }) => shownAs),
    isTimed: false,
  };
}

interface TableColumn {
  readonly gauge: GaugeName;
  readonly value?: string;
  readonly shownAs: SqlColumn;
}

function columnsOf(query: GaugeQuery): TableColumn[] {
  const { gauges, by, each } = query;
  if (each === undefined || by.includes(each.label))
    return gauges.map((gauge) => ({ gauge, shownAs: columnOf(query, gauge, gaugeColumn(query, gauge)) }));
  return gauges.flatMap((gauge) =>
    each.values.map(([value, words]): TableColumn => {
      const title = gauges.length > 1 ? `${gaugeColumn(query, gauge)}, ${words}` : words;
      return { gauge, value, shownAs: columnOf(query, gauge, title, `${gauge} ${value}`, title) };
    }),
  );
}

/**
 * A gauge of a selection, whose samples do not add up: what all together come to. Where an organization is chosen there is one value for each
 * that is, and where teams are, one for each of those. Its rows are named by their owner, and by `by`.
 */
export function ofSelection(name: GaugeName, conditions: readonly string[], by: readonly string[], variables: Variables, label: string): string {
  const names = [...OWNERS.map((owner) => `nullif(${owner}, '')`), ...by.map(column)];
  const level = "rank() OVER (ORDER BY num_nonnulls(nullif(organization, ''), nullif(team, ''))) AS level";
  const where = whereOf([`metric = ${text(name)}`, ...conditions, ...variableConditions(variables)]);
  return `SELECT concat_ws(' · ', ${names.join(', ')}) AS ${heading(label)}, ${[...by.map(column), 'value'].join(', ')}\nFROM (SELECT *, ${level} FROM gauges${where}) AS samples\nWHERE level = 1`;
}

function selectionQuery({ visualization }: Panel, query: GaugeQuery, name: GaugeName, variables: Variables): SqlQuery {
  const { by, each, where = {} } = query;
  const isTable = visualization === 'table';
  const label = isTable ? capitalized(by[0] ?? 'of') : (by[0] ?? 'of');
  const conditions = [
    ...Object.entries(where).map(([own, value]) => `${column(own)} = ${text(value)}`),
    ...(each === undefined ? [] : [`${column(each.label)} IN (${each.values.map(([one]) => text(one)).join(', ')})`]),
  ];
  const order = each === undefined ? [] : [`array_position(ARRAY[${each.values.map(([one]) => text(one)).join(', ')}], own.${column(each.label)})`];
  const answered = isTable ? gaugeColumn(query, name) : VALUE;
  return {
    sql: `SELECT ${isTable ? '' : `${TO} AS "time", `}own.${heading(LABEL)} AS ${heading(label)}, own.value AS ${heading(answered)}\nFROM (\n${ofSelection(name, conditions, by, variables, LABEL)}\n) AS own\nORDER BY ${[...order, `own.${heading(LABEL)}`].join(', ')}`,
    labels: [label],
    columns: [columnOf(query, name, answered)],
    isTimed: !isTable,
  };
}
const LABEL = 'name';

/** As it was at the end of each day, and is now. */
function daysQuery(query: GaugeQuery, name: GaugeName, variables: Variables): SqlQuery {
  const { by } = query;
  const labels = by.map(column);
  const where = whereOf([`metric = ${text(name)}`, `day_s >= day_of(${FROM})`, `day_s < ${TO}`, ...conditionsOf(query, variables)]);
  return {
    sql: `SELECT day_s AS "time", ${labels.join(', ')}, ${aggregateOf(query)}(value) AS "${VALUE}"\nFROM gauge_days${where}\nGROUP BY 1, ${labels.map((_, index) => index + 2).join(', ')}\nORDER BY 1, 2`,
    labels: by,
    columns: [columnOf(query, name, VALUE)],
    isTimed: true,
  };
}
