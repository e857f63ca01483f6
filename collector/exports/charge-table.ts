/** Charges as tables: each row of usage becomes the rows of its charges, in the columns of FOCUS or CUR. */
import type { DimensionName } from '../catalog/measures.ts';
import { Calendar, type CalendarOptions } from '../core/calendar.ts';
import { periodAround } from '../core/time-range.ts';
import type { Row, RowsQuery } from '../ledger/ledger.ts';
import { type Charge, type ChargePeriod, type ChargePrices, chargesOf, nameOrNull } from './charges.ts';
import { inPieces } from './pieces.ts';
import { type ServiceProvider, serviceProvider } from './providers.ts';
import type { Cell, Column, Table } from './table.ts';
import { tagsOf } from './wording.ts';

/** What the columns of one charge are made from. */
export interface BilledCharge {
  readonly charge: Charge;
  readonly provider: ServiceProvider;
  /** The calendar month, in the zone of the export, that holds the charge. */
  readonly billingFromMs: number;
  readonly billingToMs: number;
  /** JSON; null where none is known. */
  readonly tags: string | null;
}

export interface ChargeColumn extends Column {
  readonly cell: (from: BilledCharge) => Cell;
}

export interface ChargeTableOptions {
  readonly columns: readonly ChargeColumn[];
  /** By day. */
  readonly query: RowsQuery;
  readonly weekStart: CalendarOptions['weekStart'];
  /** Dimensions that become tags, and what stands before their names. */
  readonly tags: readonly DimensionName[];
  readonly tagPrefix?: string;
  readonly prices: ChargePrices;
}

/** Classes of tokens that a row of usage mostly has. */
const CHARGES_EACH = 4;

export function chargeTable(pages: AsyncIterable<readonly Row[]>, options: ChargeTableOptions): Table {
  const { columns, query, tags, prices } = options;
  const periodsOf = chargePeriods(query, options.weekStart);
  const toRows = (row: Row): (readonly Cell[])[] => {
    const { period, billing } = periodsOf(row.startMs ?? 0);
    const charges = chargesOf(row, query.by, period, prices);
    const [first] = charges;
    if (first === undefined) return [];
    const ofRow = { provider: serviceProvider(nameOrNull(first, 'provider') ?? ''), tags: tagsOf(first, tags, options.tagPrefix), ...billing };
    return charges.map((charge) => {
      const from = { charge, ...ofRow };
      return columns.map(({ cell }) => cell(from));
    });
  };
  return { columns, pages: mapPages(inPieces(pages, CHARGES_EACH * columns.length), toRows) };
}

async function* mapPages(pages: AsyncIterable<readonly Row[]>, toRows: (row: Row) => (readonly Cell[])[]): Table['pages'] {
  for await (const page of pages) yield page.flatMap(toRows);
}

interface Periods {
  readonly period: ChargePeriod;
  readonly billing: Pick<BilledCharge, 'billingFromMs' | 'billingToMs'>;
}

/** A day, as far as it lies in what is asked for, and its month. Rows come day by day. */
function chargePeriods({ timeZone, fromMs, toMs }: RowsQuery, weekStart: CalendarOptions['weekStart']): (startMs: number) => Periods {
  const calendar = new Calendar({ timeZone, weekStart });
  let last: { readonly startMs: number; readonly periods: Periods } | undefined;
  return (startMs) => {
    if (last?.startMs === startMs) return last.periods;
    const day = calendar.periodOf('day', startMs);
    const month = periodAround('month', startMs, { timeZone, weekStart });
    const period = {
      fromMs: Math.max(startMs, fromMs ?? startMs),
      toMs: Math.min(calendar.startOf('day', day + 1), toMs ?? Number.POSITIVE_INFINITY),
    };
    last = { startMs, periods: { period, billing: { billingFromMs: month.fromMs, billingToMs: month.toMs } } };
    return last.periods;
  };
}
