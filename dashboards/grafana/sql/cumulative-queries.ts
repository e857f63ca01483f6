/** Cumulative spend: of the time range, of the one as long before, and what lies ahead, each a query of its own. */
import type { LedgerQuery, Panel } from '../../../collector/catalog/panel.ts';
import { AS_LONG_BEFORE } from '../cumulative-targets.ts';
import { figureSql } from './figures.ts';
import { ofSelection } from './gauge-queries.ts';
import { selected } from './ledger-queries.ts';
import { BEFORE, FROM, heading, TO, text, variableConditions, whereOf } from './names.ts';
import type { SqlQuery } from './query.ts';
import { relationOf, windowFrom } from './relations.ts';
import type { Variables } from './surroundings.ts';

export const cumulativeQueries = (panel: Panel, query: LedgerQuery, variables: Variables): SqlQuery[] => [
  course(panel, query, variables, 'range'),
  course(panel, query, variables, 'previous_range'),
  budgetQuery(panel, variables),
  ...FORECASTS.map(([quantile, title]) => forecastQuery(panel, variables, quantile, title)),
];

/** What was spent up to the end of each day, or quarter of an hour. */
function course({ unit }: Panel, query: LedgerQuery, variables: Variables, window: 'range' | 'previous_range'): SqlQuery {
  const { from, where } = selected(query, variables, (needed) => relationOf(window, needed));
  const isNow = window === 'range';
  const [key, title] = isNow ? ['spent', 'Spent'] : ['previous', AS_LONG_BEFORE];
  const [begin, end] = isNow ? [FROM, TO] : [BEFORE, FROM];
  const later = isNow ? '' : ` + (${TO} - ${FROM})`;
  // From nothing on, up to now where the range goes on.
  const ends = `(VALUES (${begin}::int8), (least(${end}, floor(extract(epoch FROM now()))::int8))) AS ends (end_s)`;
  const steps = `SELECT end_s, 0 AS amount FROM ${ends}\nUNION ALL\nSELECT end_s, ${figureSql('cost', { isAlone: false })} FROM ${from}${where}\nGROUP BY 1`;
  const known = isNow ? '' : `\nWHERE known_since() <= ${BEFORE}`;
  return {
    sql: `SELECT least(end_s, ${end})${later} AS "time", sum(sum(amount)) OVER (ORDER BY least(end_s, ${end})) AS ${heading(title)}\nFROM (\n${steps}\n) AS steps${known}\nGROUP BY least(end_s, ${end}) ORDER BY 1`,
    labels: [],
    columns: [{ key, title, name: title, unit }],
    isTimed: true,
  };
}

/** Level from the beginning of the range to its end. */
const LEVEL = `(VALUES (${FROM}), (${TO})) AS level (at_s)`;

/** The budgets for exactly what is selected, and whose period begins with the range. One chosen team is the scope "team=…". */
function budgetQuery({ unit }: Panel, variables: Variables): SqlQuery {
  const own = variables.includes('team') ? ` OR scope = 'team=' || array_to_string(ARRAY[\${team:sqlstring}]::text[], '|')` : '';
  const began = `budget IN (SELECT budget FROM gauges WHERE metric = 'budget_period_start' AND value = ${FROM})`;
  const where = whereOf([`metric = 'budget_limit'`, `(scope = 'everything'${own})`, ...variableConditions(variables), began]);
  return {
    sql: `SELECT at_s AS "time", budget, max(value) AS "Budget"\nFROM gauges, ${LEVEL}${where}\nGROUP BY 1, 2 ORDER BY 1`,
    labels: ['budget'],
    columns: [{ key: 'budget', title: 'Budget', name: 'Budget', unit }],
    isTimed: true,
  };
}

const FORECASTS = [
  ['0.5', 'Forecast'],
  ['0.9', 'Forecast, 90th percentile'],
] as const;

/** As it stands, where the range begins with the current month. */
function forecastQuery({ unit }: Panel, variables: Variables, quantile: string, title: string): SqlQuery {
  const conditions = [`quantile = ${text(quantile)}`, `${windowFrom('this_month')} = ${FROM}`];
  return {
    sql: `SELECT at_s AS "time", ${heading('of')}, value AS ${heading(title)}\nFROM (\n${ofSelection('forecast', conditions, [], variables, 'of')}\n) AS forecast, ${LEVEL}\nORDER BY 1, 2`,
    labels: ['of'],
    columns: [{ key: `forecast ${quantile}`, title, name: title, unit }],
    isTimed: true,
  };
}
