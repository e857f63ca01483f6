/** What telemetry says of each day (UTC), read from the ledger. */
import type { Biller } from '../../catalog/billers.ts';
import { coverageOf } from '../../catalog/coverage.ts';
import type { DimensionName, MeasureName } from '../../catalog/measures.ts';
import type { Filter } from '../../catalog/values.ts';
import { HOUR_MS } from '../../core/duration.ts';
import type { LedgerSnapshot } from '../../ledger/ledger.ts';
import type { Range } from '../compared-range.ts';
import { renderInstant } from '../render.ts';
import { sumIn } from '../totals.ts';
import type { ByClass } from './cell.ts';
import type { TelemetryRow } from './cells.ts';
import type { EdgeLimit } from './day-edge.ts';
import { billerOf } from './sources.ts';

const MEASURES = [
  ...(['cost', 'cost_events', 'cost_estimated', 'cost_list', 'cost_contracted', 'cost_list_uncertain'] as const),
  ...(['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens', 'cache_creation_1h_tokens'] as const),
] satisfies readonly MeasureName[];
/** All in one roll-up by day: cheap where the ledger's days are UTC's. */
const BY = ['workspace', 'model', 'provider', 'plan', 'seat', 'price_basis'] as const satisfies readonly DimensionName[];
const ROWS_MAX = 1_000_000;

export interface TelemetryRequest {
  readonly range: Range;
  readonly where: readonly Filter[];
  readonly billers: Readonly<Record<string, Biller>>;
}

export const dayOf = (ms: number): string => renderInstant(ms).slice(0, 10);

export async function readTelemetry(ledger: LedgerSnapshot, { range, where, billers }: TelemetryRequest): Promise<readonly TelemetryRow[]> {
  const { rows } = await ledger.query({ measures: MEASURES, by: BY, ...range, grain: 'day', timeZone: 'UTC', where, rowsMax: ROWS_MAX });
  return rows.map(({ startMs = 0, key, values }) => {
    const [workspace = '', model = '', provider = '', plan = '', seat = '', basis = ''] = key;
    const sum = sumIn(MEASURES, values);
    return {
      ...{ day: dayOf(startMs), workspace, model, basis },
      biller: billerOf(provider, billers),
      isCovered: coverageOf({ plan, seat }) === 'covered',
      sums: {
        reported: sum('cost'),
        events: sum('cost_events'),
        estimated: sum('cost_estimated'),
        list: sum('cost_list'),
        contracted: sum('cost_contracted'),
        uncertain: sum('cost_list_uncertain'),
      },
      tokens: tokensOf(sum),
    };
  });
}

export const tokensOf = (sum: (measure: MeasureName) => bigint): ByClass => ({
  input: sum('input_tokens'),
  output: sum('output_tokens'),
  cacheRead: sum('cache_read_tokens'),
  cacheWrite5m: sum('cache_creation_tokens') - sum('cache_creation_1h_tokens'),
  cacheWrite1h: sum('cache_creation_1h_tokens'),
});

/** What was booked in the hour before and the hour after each midnight, at list price: no more can be on another day at the provider. */
export async function readEdges(ledger: LedgerSnapshot, { range, where }: TelemetryRequest): Promise<EdgeLimit> {
  const { rows } = await ledger.query({
    ...{ measures: ['cost_list', 'cost'], by: ['model'], ...range, grain: 'hour', timeZone: 'UTC', where, rowsMax: ROWS_MAX },
  });
  const limits = new Map<string, bigint>();
  for (const { startMs = 0, key, values } of rows) {
    const hour = new Date(startMs).getUTCHours();
    if (hour !== 0 && hour !== 23) continue;
    const midnight = JSON.stringify([dayOf(hour === 0 ? startMs : startMs + HOUR_MS), key[0] ?? '']);
    const [list = 0n, cost = 0n] = values;
    limits.set(midnight, (limits.get(midnight) ?? 0n) + (list > cost ? list : cost));
  }
  return (day, model) => limits.get(JSON.stringify([day, model])) ?? 0n;
}
