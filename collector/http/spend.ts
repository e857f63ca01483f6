/** GET /api/v1/spend: any measures, by any dimensions, over any stretch, at any grain, where anything holds. */
import type { RequestHandler } from 'express';
import type { Config } from '../config.ts';
import { GRAINS, type Grain, type LedgerReader, type Query, type QueryResult } from '../ledger.ts';
import { DIMENSION_NAMES, isDimension, isMeasure, MEASURE_NAMES } from '../measures.ts';
import { toCsv } from './csv.ts';
import { badParameter, readCalendar, readNames, readParameters, readSpan, readWhere, readWord, SPAN_PARAMETERS } from './parameters.ts';
import { type Amount, fieldOf, inReadingOrder, renderAmount, renderAmounts, renderInstant, renderKey } from './render.ts';

export interface ReadContext {
  readonly reader: LedgerReader;
  readonly config: Config;
  readonly now: () => number;
}

const BY_MAX = 6;
const FORMATS = ['json', 'csv'] as const;

export interface SpendRequest {
  readonly query: Query;
  readonly format: (typeof FORMATS)[number] | undefined;
}

/** The query string of the request, read. Throws LedgerlineError `invalid`. */
export function parseSpend(url: string, config: Config, nowMs: number): SpendRequest {
  const parameters = readParameters(url, ['by', 'measures', 'grain', 'format', ...SPAN_PARAMETERS], ['where']);
  const calendar = readCalendar(parameters, config);
  const measures = readNames(parameters, 'measures', isMeasure, MEASURE_NAMES, ['cost']);
  if (measures.length === 0) throw badParameter('measures', '', 'names no measure', `Allowed: ${MEASURE_NAMES.join(', ')}.`);
  const by = readNames(parameters, 'by', isDimension, DIMENSION_NAMES, []);
  if (by.length > BY_MAX) throw badParameter('by', by.join(','), `names ${by.length} dimensions`, `Give at most ${BY_MAX}.`);
  return {
    query: {
      measures,
      by,
      ...readSpan(parameters, calendar, nowMs),
      grain: readWord<Grain>(parameters, 'grain', GRAINS, 'total'),
      timeZone: calendar.timeZone,
      where: readWhere(parameters),
      rowsMax: config.limits.query_rows,
    },
    format: parameters.has('format') ? readWord(parameters, 'format', FORMATS, 'json') : undefined,
  };
}

export interface SpendAnswer {
  readonly rows: readonly Record<string, Amount | null>[];
  /** Total of the first measure. */
  readonly total: Amount;
  readonly totals: Record<string, Amount>;
  readonly as_of: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly grain: Grain;
  readonly time_zone: string;
}

export function renderSpend(query: Query, result: QueryResult): SpendAnswer {
  const [first = 'cost'] = query.measures;
  return {
    rows: inReadingOrder(result.rows).map((row) => ({
      ...(query.grain === 'total' ? {} : { start: renderInstant(row.startMs) }),
      ...renderKey(query.by, row.key),
      ...renderAmounts(query.measures, row.values),
    })),
    total: renderAmount(first, result.totals[0] ?? 0n),
    totals: renderAmounts(query.measures, result.totals),
    as_of: renderInstant(result.asOfMs),
    from: renderInstant(query.fromMs),
    to: renderInstant(query.toMs),
    grain: query.grain,
    time_zone: query.timeZone,
  };
}

export function renderSpendCsv(query: Query, answer: SpendAnswer): string {
  const columns = [...(query.grain === 'total' ? [] : ['start']), ...query.by, ...query.measures.map(fieldOf)];
  return toCsv(
    columns,
    answer.rows.map((row) => columns.map((column) => row[column] ?? '')),
  );
}

export const spend =
  ({ reader, config, now }: ReadContext): RequestHandler =>
  (request, response) => {
    const { query, format } = parseSpend(request.originalUrl, config, now());
    const answer = renderSpend(query, reader.query(query));
    const wanted = format ?? (request.accepts(['application/json', 'text/csv']) === 'text/csv' ? 'csv' : 'json');
    if (wanted === 'json') response.json(answer);
    else response.attachment('spend.csv').type('text/csv').send(renderSpendCsv(query, answer));
  };
