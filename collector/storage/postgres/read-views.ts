/**
 * The views of the schema that others may read: the ledger's sums with the names of their dimensions, as they are shown. Each row of a roll-up is
 * there once, whether it has been moved out of `recent` or not, since one statement sees one instant.
 */
import { DIMENSIONS, type DimensionName, MEASURE_NAMES, type MeasureName } from '../../catalog/measures.ts';
import { columnsOf as columnsOfMeasure } from '../../ledger/latency-buckets.ts';
import { GAUGE_LABELS, READ_SCHEMA, viewOf } from '../../ledger/read-schema.ts';
import { COARSE, FINEST, type Rollup } from '../../ledger/rollups.ts';
import { AS_OF } from './replicas.ts';
import { quotedName } from './sql-text.ts';

export interface View {
  readonly name: string;
  readonly query: string;
}

const QUARTER_S = 900;
/** Samples of a replica that has not written any for so long are not shown. */
const SAMPLES_S = 300;

/** Rows of a roll-up alone, and of what is not moved yet. */
export const baseOf = (rollup: Rollup): string => `base_${viewOf(rollup)}`;
export const RECENT = 'recent_quarter_hour';

/** Its columns, in their order. */
export function columnsOf({ grain, dimensions }: Rollup): string[] {
  return [...(grain === 'total' ? [] : ['start_s', 'end_s']), ...dimensions, ...MEASURE_NAMES].map(quotedName);
}

/** In the order in which they can be made. Tables are found where the one who makes them finds them. */
export function readViews(): View[] {
  return [
    { name: 'calendar', query: 'SELECT grain, start_s, end_s FROM calendar' },
    { name: 'recent_starts', query: RECENT_STARTS },
    { name: RECENT, query: `SELECT r.start_s, r.start_s + ${QUARTER_S} AS end_s, ${sums(FINEST)} FROM recent r ${NAMED}` },
    ...[FINEST, ...COARSE].filter(isShown).flatMap(rollupViews),
    ...SAMPLE_VIEWS,
    {
      name: 'ledger',
      query: `SELECT (SELECT ${AS_OF} FROM replicas) / 1000 AS as_of_s, (SELECT at_s FROM sampled WHERE owner = '') AS gauges_s`,
    },
  ];
}

/** Of hours nothing is asked, and the calendar has none. */
const isShown = ({ grain }: Rollup): boolean => grain !== 'hour';

const NAMED = 'JOIN dims d ON d.id = r.dims';

/** Few quarters of an hour have rows that are not moved yet: each is looked up once. */
const RECENT_STARTS = `SELECT q.start_s,
  (SELECT max(c.start_s) FROM calendar c WHERE c.grain = 'day' AND c.start_s <= q.start_s) AS day_s,
  (SELECT max(c.start_s) FROM calendar c WHERE c.grain = 'month' AND c.start_s <= q.start_s) AS month_s
FROM (SELECT DISTINCT start_s FROM recent) q`;

function rollupViews(rollup: Rollup): View[] {
  const { table, grain } = rollup;
  if (grain === 'total')
    return [
      {
        name: viewOf(rollup),
        query: `SELECT ${sums(rollup)} FROM ${table} r ${NAMED} UNION ALL SELECT ${sums(rollup)} FROM recent r ${NAMED}`,
      },
    ];
  const all = columnsOf(rollup).join();
  const [base, recent] =
    grain === 'quarter_hour'
      ? [
          `SELECT r.start_s, r.start_s + ${QUARTER_S} AS end_s, ${sums(rollup)} FROM ${table} r ${NAMED}`,
          `SELECT ${all} FROM ${READ_SCHEMA}.${RECENT}`,
        ]
      : [
          `SELECT r.start_s, c.end_s, ${sums(rollup)} FROM ${table} r ${NAMED} ${ended('r.start_s', grain)}`,
          `SELECT p.${grain}_s AS start_s, c.end_s, ${sums(rollup)} FROM recent r JOIN ${READ_SCHEMA}.recent_starts p ON p.start_s = r.start_s ${NAMED} ${ended(`p.${grain}_s`, grain)}`,
        ];
  return [
    { name: baseOf(rollup), query: base },
    { name: viewOf(rollup), query: `SELECT ${all} FROM ${READ_SCHEMA}.${baseOf(rollup)} UNION ALL ${recent}` },
  ];
}

/** Left out of the plan where nobody asks for the end. */
const ended = (start: string, grain: string): string => `LEFT JOIN calendar c ON c.grain = '${grain}' AND c.start_s = ${start}`;

/** Dimensions as they are shown, and measures: what a row says nothing of is zero, and latency buckets are cumulative. */
const sums = ({ dimensions }: Rollup): string => [...dimensions.map(shownColumn), ...MEASURE_NAMES.map(measureColumn)].join();

const measureColumn = (name: MeasureName): string =>
  `${columnsOfMeasure(name)
    .map((part) => `coalesce(r.${quotedName(part)}, 0)`)
    .join(' + ')} AS ${quotedName(name)}`;

/** As showValue() has it: a client's own "unallocated" is in quotes, and one that came in quotes in one more pair. */
function shownColumn(name: DimensionName): string {
  const column = `d.${quotedName(name)}`;
  const { absent } = DIMENSIONS[name];
  const isQuoted = `${column} LIKE '%${absent}%' AND ${column} ~ '^(''*)${absent}\\1$'`;
  return `CASE WHEN ${column} = '' THEN '${absent}' WHEN ${isQuoted} THEN '''' || ${column} || '''' ELSE ${column} END AS ${quotedName(name)}`;
}

const LABELS = GAUGE_LABELS.map((label) => `coalesce(s.labels::jsonb ->> '${label}', '') AS ${quotedName(label)}`).join();

const SAMPLE_VIEWS: readonly View[] = [
  { name: 'gauges', query: `SELECT s.name AS metric, ${LABELS}, s.value FROM samples s WHERE s.owner = ''` },
  { name: 'gauge_days', query: `SELECT s.name AS metric, s.day_s, ${LABELS}, s.value FROM sample_days s` },
  {
    name: 'collector_series',
    query: `SELECT s.owner AS replica, s.name AS series, s.labels::jsonb AS labels, s.value FROM samples s JOIN sampled w ON w.owner = s.owner
      WHERE s.owner <> '' AND w.at_s > (SELECT max(at_s) - ${SAMPLES_S} FROM sampled)`,
  },
];
