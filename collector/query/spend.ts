/** GET /api/v1/spend: any figures, by any dimensions, over any time range, at any grain, where anything holds. */
import { figureValue, measuresOf } from '../catalog/figure-values.ts';
import { FIGURE_NAMES, type FigureName, isFigure } from '../catalog/figures.ts';
import { DIMENSION_NAMES, isDimension } from '../catalog/measures.ts';
import type { Config } from '../config/config.ts';
import { GRAINS, type Grain } from '../core/calendar.ts';
import type { LedgerReader, Query, QueryResult } from '../ledger/ledger.ts';
import { csvPieces } from './csv.ts';
import { type FilterHint, knownFilters } from './known-values.ts';
import { badParameter, readCalendar, readNames, readParameters, readTimeRange, readWhere, readWord, TIME_RANGE_PARAMETERS } from './parameters.ts';
import { type Amount, fieldOf, inReadingOrder, renderFigure, renderInstant, renderKey } from './render.ts';

export interface ReadContext {
  readonly reader: LedgerReader;
  readonly config: Config;
  readonly now: () => number;
}

const BY_MAX = 6;
const FORMATS = ['json', 'csv'] as const;

export interface SpendRequest {
  /** Asks for the measures that the figures are made of; those of the first figure come first. */
  readonly query: Query;
  readonly figures: readonly FigureName[];
  readonly format: (typeof FORMATS)[number] | undefined;
}

/** The query string of the request, read. Throws LedgerlineError `invalid`. */
export function parseSpend(url: string, config: Config, nowMs: number): SpendRequest {
  const parameters = readParameters(url, ['by', 'measures', 'grain', 'format', ...TIME_RANGE_PARAMETERS], ['where']);
  const calendar = readCalendar(parameters, config);
  const figures = readNames(parameters, 'measures', isFigure, FIGURE_NAMES, ['cost']);
  if (figures.length === 0) throw badParameter('measures', '', 'names no measure', `Allowed: ${FIGURE_NAMES.join(', ')}.`);
  const by = readNames(parameters, 'by', isDimension, DIMENSION_NAMES, []);
  if (by.length > BY_MAX) throw badParameter('by', by.join(','), `names ${by.length} dimensions`, `Give at most ${BY_MAX}.`);
  return {
    figures,
    query: {
      measures: measuresOf(figures),
      by,
      ...readTimeRange(parameters, calendar, nowMs),
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
  /** Total of the first figure. */
  readonly total: Amount | null;
  /** Of everything together: a ratio is that of the sums. Null where there is nothing to divide by. */
  readonly totals: Record<string, Amount | null>;
  readonly as_of: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly grain: Grain;
  readonly time_zone: string;
  /** For each value of the filters that no record has. */
  readonly hints: readonly FilterHint[];
}

/** The question, with users as the ledger spells them, and its answer. */
export async function answerSpend(request: SpendRequest, reader: LedgerReader): Promise<SpendAnswer> {
  const { where, hints } = await knownFilters(request.query.where, reader);
  const query = { ...request.query, where };
  return renderSpend({ ...request, query }, await reader.query(query), hints);
}

function renderSpend({ query, figures }: Pick<SpendRequest, 'query' | 'figures'>, result: QueryResult, hints: readonly FilterHint[]): SpendAnswer {
  const render = (values: readonly bigint[]): Record<string, Amount | null> => renderFigures(figures, query, values);
  const totals = render(result.totals);
  return {
    rows: inReadingOrder(result.rows).map((row) => ({
      ...(query.grain === 'total' ? {} : { start: renderInstant(row.startMs) }),
      ...renderKey(query.by, row.key),
      ...render(row.values),
    })),
    total: totals[fieldOf(figures[0] ?? 'cost')] ?? null,
    totals,
    as_of: renderInstant(result.asOfMs),
    from: renderInstant(query.fromMs),
    to: renderInstant(query.toMs),
    grain: query.grain,
    time_zone: query.timeZone,
    hints,
  };
}

function renderFigures(figures: readonly FigureName[], { measures }: Query, values: readonly bigint[]): Record<string, Amount | null> {
  const sums = new Map(measures.map((measure, index) => [measure, values[index] ?? 0n]));
  return Object.fromEntries(
    figures.map((name) => [
      fieldOf(name),
      renderFigure(
        name,
        figureValue(name, (measure) => sums.get(measure) ?? 0n),
      ),
    ]),
  );
}

export function spendCsv({ query, figures }: Pick<SpendRequest, 'query' | 'figures'>, answer: SpendAnswer): Iterable<string> {
  const columns = [...(query.grain === 'total' ? [] : ['start']), ...query.by, ...figures.map(fieldOf)];
  return csvPieces(
    columns,
    answer.rows.map((row) => columns.map((column) => row[column] ?? '')),
  );
}
