/** What was posted in a time and belongs to a month that was closed before. */
import { coverageOf } from '../../catalog/coverage.ts';
import type { MeasureName } from '../../catalog/measures.ts';
import { DAY_MS } from '../../core/duration.ts';
import type { MovedRow } from '../../ledger/closed-months.ts';
import type { LedgerSnapshot } from '../../ledger/ledger.ts';
import type { Range } from '../compared-range.ts';
import { NO_TOKENS } from './cell.ts';
import type { TelemetryRow } from './cells.ts';
import { billerOf } from './sources.ts';
import { dayOf, type TelemetryRequest, tokensOf } from './telemetry.ts';

const BY = ['workspace', 'model', 'provider', 'plan', 'seat'] as const;
const ROWS_MAX = 100_000;

/** Of metered use alone: what plans cover is in no record. */
export interface Adjustment {
  readonly month: string;
  readonly workspace: string;
  readonly model: string;
  readonly reported: bigint;
  readonly list: bigint;
  readonly contracted: bigint;
  readonly lastMs: number;
}

/** By closed month, workspace and model. */
export async function readAdjustments(ledger: LedgerSnapshot, range: Partial<Range>): Promise<readonly Adjustment[]> {
  const rows = await ledger.moved({ ...range, by: ['workspace', 'model'], rowsMax: ROWS_MAX });
  return rows.map(({ month, key: [workspace = '', model = ''], sums, lastMs }) => ({
    ...{ month, workspace, model, lastMs },
    ...{ reported: sums.cost ?? 0n, list: sums.cost_list ?? 0n, contracted: sums.cost_contracted ?? 0n },
  }));
}

/** What of the telemetry of each day is another month's, as rows of telemetry. */
export async function readMovedDays(ledger: LedgerSnapshot, { range, billers }: TelemetryRequest): Promise<readonly TelemetryRow[]> {
  if ((await ledger.moved({ ...range, by: [], rowsMax: ROWS_MAX })).length === 0) return [];
  const days: TelemetryRow[] = [];
  for (let fromMs = range.fromMs; fromMs < range.toMs; fromMs += DAY_MS) {
    const rows = await ledger.moved({ fromMs, toMs: fromMs + DAY_MS, by: BY, rowsMax: ROWS_MAX });
    days.push(...rows.map((row) => rowOf(row, dayOf(fromMs), billers)));
  }
  return days;
}

function rowOf({ key, sums }: MovedRow, day: string, billers: TelemetryRequest['billers']): TelemetryRow {
  const [workspace = '', model = '', provider = '', plan = '', seat = ''] = key;
  const sum = (measure: MeasureName): bigint => sums[measure] ?? 0n;
  const isCovered = coverageOf({ plan, seat }) === 'covered';
  return {
    ...{ day, workspace, model, basis: '', isCovered, biller: billerOf(provider, billers) },
    sums: {
      reported: sum('cost'),
      events: sum('cost_events'),
      estimated: sum('cost_estimated'),
      list: sum('cost_list'),
      contracted: sum('cost_contracted'),
      uncertain: sum('cost_list_uncertain'),
    },
    tokens: isCovered ? NO_TOKENS : tokensOf(sum),
  };
}
