/** Sums of what is asked about, by what a request can be known by. */
import type { DimensionName, MeasureName } from '../../catalog/measures.ts';
import type { Row } from '../../ledger/ledger.ts';
import type { CourseStep } from '../../ledger/session-course.ts';

/** What findings look at. All of it is in the roll-up by features, so that whole days of everybody cost little. */
export const SLICE_DIMENSIONS = [
  'model',
  'query_source',
  'query_source_detail',
  'client_version',
  'entry_point',
  'effort',
  'speed',
  'status',
  'price_basis',
] as const satisfies readonly DimensionName[];
export type SliceDimension = (typeof SLICE_DIMENSIONS)[number];

export const SLICE_MEASURES = [
  'cost',
  'cost_events',
  'cost_list',
  'cost_list_uncached',
  'cost_estimated',
  'cost_unreconciled',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_creation_tokens',
  'cache_creation_1h_tokens',
  'unpriced_tokens',
  'unbilled_tokens',
  'requests',
  'errors',
  'retries_exhausted',
  'compactions',
  'sessions',
  'prompts',
  'subagents',
] as const satisfies readonly MeasureName[];
export type SliceMeasure = (typeof SLICE_MEASURES)[number];

/** Of one combination of values, as stored. */
interface SliceRow {
  readonly values: Readonly<Partial<Record<SliceDimension, string>>>;
  /** In the order of SLICE_MEASURES. */
  readonly sums: readonly bigint[];
}

const INDEX: ReadonlyMap<MeasureName, number> = new Map(SLICE_MEASURES.map((name, index) => [name, index]));

export class Slice {
  readonly #rows: readonly SliceRow[];
  readonly #totals: readonly bigint[];

  constructor(rows: readonly SliceRow[]) {
    this.#rows = rows;
    this.#totals = SLICE_MEASURES.map((_, index) => rows.reduce((sum, row) => sum + (row.sums[index] ?? 0n), 0n));
  }

  /** Zero for what is no measure of slices. */
  sum(measure: MeasureName): bigint {
    return this.#totals[INDEX.get(measure) ?? -1] ?? 0n;
  }

  count(measure: SliceMeasure): number {
    return Number(this.sum(measure));
  }

  /** Uncached input, cache reads and cache writes. */
  get inputTokens(): number {
    return this.count('input_tokens') + this.count('cache_read_tokens') + this.count('cache_creation_tokens');
  }

  /** Undefined where there is no request. */
  get costPerRequest(): number | undefined {
    return over(this.count('cost'), this.count('requests'));
  }

  get inputPerRequest(): number | undefined {
    return over(this.inputTokens, this.count('requests'));
  }

  /** What of the input was not read from the cache. */
  get missRatio(): number | undefined {
    return over(this.inputTokens - this.count('cache_read_tokens'), this.inputTokens);
  }

  where(dimension: SliceDimension, is: (value: string) => boolean): Slice {
    return new Slice(this.#rows.filter(({ values }) => is(values[dimension] ?? '')));
  }

  /** One for each value, the most expensive first. */
  by(dimension: SliceDimension): readonly (readonly [value: string, slice: Slice])[] {
    return [...Map.groupBy(this.#rows, ({ values }) => values[dimension] ?? '')]
      .map(([value, rows]) => [value, new Slice(rows)] as const)
      .sort(([one, a], [other, b]) => (a.sum('cost') === b.sum('cost') ? (one < other ? -1 : 1) : a.sum('cost') < b.sum('cost') ? 1 : -1));
  }
}

export const over = (part: number, whole: number): number | undefined => (whole > 0 ? part / whole : undefined);

/** Rows of a query by these dimensions with SLICE_MEASURES. */
export const sliceOf = (by: readonly SliceDimension[], rows: readonly Row[]): Slice =>
  new Slice(rows.map(({ key, values }) => ({ values: Object.fromEntries(by.map((name, index) => [name, key[index] ?? ''])), sums: values })));

/** Of what records booked. */
export function sliceOfSteps(steps: readonly CourseStep[]): Slice {
  const rows = Map.groupBy(steps, ({ dims }) => dims);
  return new Slice(
    [...rows].map(([dims, own]) => ({ values: dims, sums: SLICE_MEASURES.map((name) => own.reduce((sum, step) => sum + booked(step, name), 0n)) })),
  );
}

function booked({ cost, costList, costEstimated, costUnreconciled, source, sourceCost, amounts }: CourseStep, name: SliceMeasure): bigint {
  if (name === 'cost') return cost;
  if (name === 'cost_events') return source === 'events' ? sourceCost : 0n;
  if (name === 'cost_list') return costList;
  if (name === 'cost_estimated') return costEstimated;
  return name === 'cost_unreconciled' ? costUnreconciled : BigInt(amounts[name] ?? 0);
}
