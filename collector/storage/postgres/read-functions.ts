/** The functions of the schema that others may read. They run with the rights of who asks, and are planned as a part of the question. */
import { ANYTHING } from '../../ledger/coverage-start.ts';
import { RANGED, READ_SCHEMA, rangeOf, viewOf } from '../../ledger/read-schema.ts';
import { FINEST, type Rollup } from '../../ledger/rollups.ts';
import { baseOf, columnsOf, RECENT } from './read-views.ts';
import { quotedName } from './sql-text.ts';

const QUARTER_S = 900;

/** In the order in which they can be made. */
export const readFunctions = (): string[] => [
  fn(
    'period_start(grain text, at_s int8) RETURNS int8',
    'STABLE',
    `SELECT max(c.start_s) FROM ${READ_SCHEMA}.calendar c WHERE c.grain = $1 AND c.start_s <= $2`,
  ),
  fn(
    'period_end(grain text, at_s int8) RETURNS int8',
    'STABLE',
    `SELECT min(c.start_s) FROM ${READ_SCHEMA}.calendar c WHERE c.grain = $1 AND c.start_s > $2`,
  ),
  fn('day_of(at_s int8) RETURNS int8', 'STABLE', `SELECT ${READ_SCHEMA}.period_start('day', $1)`),
  fn('first_day(from_s int8) RETURNS int8', 'STABLE', `SELECT ${READ_SCHEMA}.period_end('day', $1 - 1)`),
  fn('period_from(of_time text, at timestamptz) RETURNS int8', 'STABLE', PERIOD_FROM),
  fn('period_to(of_time text, at timestamptz) RETURNS int8', 'STABLE', PERIOD_TO),
  fn('known_since() RETURNS int8', 'STABLE', KNOWN_SINCE),
  fn('quantile(share numeric, total numeric, bounds numeric[], counts numeric[]) RETURNS numeric', 'IMMUTABLE', QUANTILE),
  ...RANGED.map(rangeFunction),
];

const fn = (signature: string, volatility: 'STABLE' | 'IMMUTABLE', body: string): string =>
  `CREATE OR REPLACE FUNCTION ${READ_SCHEMA}.${signature} LANGUAGE sql ${volatility} PARALLEL SAFE AS $body$ ${body} $body$`;

const EPOCH = 'floor(extract(epoch FROM $2))::int8';
const start = (grain: string, at = EPOCH): string => `${READ_SCHEMA}.period_start('${grain}', ${at})`;
const LAST_MONTH = start('month', `${start('month')} - 1`);

/** By the names that windows of panels have. */
const PERIOD_FROM = `SELECT CASE $1 WHEN 'today' THEN ${start('day')} WHEN 'this_week' THEN ${start('week')} WHEN 'this_month' THEN ${start('month')}
  WHEN 'last_month' THEN ${LAST_MONTH} WHEN 'last_month_to_date' THEN ${LAST_MONTH} END`;

const end = (grain: string): string => `${READ_SCHEMA}.period_end('${grain}', ${EPOCH})`;
/** A shorter month counts to its end. */
const TO_DATE = `least(${start('month')}, (${LAST_MONTH} + ${EPOCH} - ${start('month')}) / ${QUARTER_S} * ${QUARTER_S})`;
const PERIOD_TO = `SELECT CASE $1 WHEN 'today' THEN ${end('day')} WHEN 'this_week' THEN ${end('week')} WHEN 'this_month' THEN ${end('month')}
  WHEN 'last_month' THEN ${start('month')} WHEN 'last_month_to_date' THEN ${TO_DATE} END`;

const IS_ANYTHING = ANYTHING.map((name) => `${quotedName(name)} <> 0`).join(' OR ');
/** The first day with a record: of the time before it nothing is known, and zero would pretend to know. */
const KNOWN_SINCE = `SELECT least(
  (SELECT start_s FROM ${READ_SCHEMA}.base_day_team WHERE ${IS_ANYTHING} ORDER BY start_s LIMIT 1),
  (SELECT ${READ_SCHEMA}.day_of(min(start_s)) FROM ${READ_SCHEMA}.${RECENT} WHERE ${IS_ANYTHING}))`;

/** Of a classic histogram: evenly spread within the bucket, the first one from zero; beyond the last bucket its bound. */
const QUANTILE = `SELECT CASE WHEN $2 > 0 THEN coalesce(
  (SELECT b.below + (b.bound - b.below) * ($1 * $2 - b.less) / (b.upto - b.less)
   FROM (SELECT t.bound, coalesce(t.upto, 0) AS upto, coalesce(lag(t.bound) OVER w, 0) AS below, coalesce(lag(t.upto) OVER w, 0) AS less, t.place
         FROM unnest($3, $4) WITH ORDINALITY AS t (bound, upto, place) WINDOW w AS (ORDER BY t.place)) b
   WHERE b.upto >= $1 * $2 ORDER BY b.place LIMIT 1), $3[cardinality($3)]) END`;

/** Whole days from the roll-up, what is before and after them from the finest, and what is not moved yet. */
function rangeFunction(rollup: Rollup): string {
  const columns = columnsOf(rollup).join();
  const rows = (view: string, from: string, to: string): string =>
    `SELECT ${columns} FROM ${READ_SCHEMA}.${view} WHERE start_s >= ${from} AND start_s < ${to}`;
  const [firstDay, lastDay] = [`${READ_SCHEMA}.first_day($1)`, `${READ_SCHEMA}.day_of($2)`];
  const moved =
    rollup === FINEST
      ? [rows(baseOf(FINEST), '$1', '$2')]
      : [
          rows(baseOf(rollup), firstDay, lastDay),
          rows(baseOf(FINEST), '$1', `least(${firstDay}, $2)`),
          rows(baseOf(FINEST), `greatest(${lastDay}, ${firstDay})`, '$2'),
        ];
  const body = [...moved, rows(RECENT, '$1', '$2')].join('\nUNION ALL ');
  return fn(`${rangeOf(rollup)}(from_s int8, to_s int8) RETURNS SETOF ${READ_SCHEMA}.${viewOf(rollup)}`, 'STABLE', body);
}
