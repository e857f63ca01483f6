/** Which roll-up answers a query exactly with the fewest rows, and where a time range is cut so that coarse ones answer most of it. */
import type { DimensionName } from '../catalog/measures.ts';
import type { Calendar, Grain } from '../core/calendar.ts';
import type { Query } from './ledger.ts';
import { COARSE, FINEST, type Rollup } from './rollups.ts';

/** Periods that are made of whole periods of another grain. */
const MADE_OF: Record<Grain, readonly Grain[]> = {
  total: ['total', 'month', 'week', 'day', 'hour', 'quarter_hour'],
  month: ['month', 'day', 'hour', 'quarter_hour'],
  week: ['week', 'day', 'hour', 'quarter_hour'],
  day: ['day', 'hour', 'quarter_hour'],
  hour: ['hour', 'quarter_hour'],
  quarter_hour: ['quarter_hour'],
};

export class RollupChoice {
  readonly #calendar: Calendar;

  /** `calendar`: the ledger's own, in which its roll-ups are cut. */
  constructor(calendar: Calendar) {
    this.#calendar = calendar;
  }

  /** A time range that begins or ends within a day: its whole days, which coarse roll-ups answer, and what is before and after them. */
  pieces(query: Query): readonly Query[] {
    const { grain, timeZone, fromMs, toMs } = query;
    if (grain === 'hour' || grain === 'quarter_hour' || !this.#cutsAsLedger({ grain, timeZone })) return [query];
    const firstDay = fromMs === undefined || this.#calendar.isStart('day', fromMs) ? fromMs : this.#startOfDay(fromMs, 1);
    const lastDay = toMs === undefined ? toMs : this.#startOfDay(toMs, 0);
    if (firstDay === fromMs && lastDay === toMs) return [query];
    if (firstDay !== undefined && lastDay !== undefined && firstDay >= lastDay) return [query];
    return [
      ...(firstDay !== fromMs && firstDay !== undefined ? [{ ...query, toMs: firstDay }] : []),
      { ...query, ...(firstDay !== undefined && { fromMs: firstDay }), ...(lastDay !== undefined && { toMs: lastDay }) },
      ...(lastDay !== toMs && lastDay !== undefined ? [{ ...query, fromMs: lastDay }] : []),
    ];
  }

  rollupFor(query: Query): Rollup {
    return COARSE.find((rollup) => this.#answers(rollup, query)) ?? FINEST;
  }

  /** A total is cut by its edges alone, whichever zone these were said in. */
  #cutsAsLedger({ grain, timeZone }: Pick<Query, 'grain' | 'timeZone'>): boolean {
    return grain === 'total' || timeZone === this.#calendar.timeZone;
  }

  /** When the local day around an instant begins, or one of the days after it. */
  #startOfDay(ms: number, daysLater: number): number {
    return this.#calendar.startOf('day', this.#calendar.periodOf('day', ms) + daysLater);
  }

  #answers(rollup: Rollup, { by, where, whereNot = [], grain, fromMs, toMs, timeZone }: Query): boolean {
    if (rollup.grain === 'session' || !MADE_OF[grain].includes(rollup.grain)) return false;
    const names: DimensionName[] = [...by, ...[...where, ...whereNot].map((filter) => filter.dimension)];
    if (!names.every((name) => rollup.dimensions.includes(name))) return false;
    if (rollup.grain === 'total') return fromMs === undefined && toMs === undefined;
    if (fromMs === undefined && toMs === undefined && grain === 'total') return true;
    const period = rollup.grain;
    return this.#cutsAsLedger({ grain, timeZone }) && [fromMs, toMs].every((edge) => edge === undefined || this.#calendar.isStart(period, edge));
  }
}
