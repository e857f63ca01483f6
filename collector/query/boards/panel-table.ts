/** The table of a panel as it was asked for: found, sorted, and page by page about one state of the ledger. */
import type { ReadScope } from '../../catalog/read-scope.ts';
import type { LedgerStatus } from '../../ledger/ledger.ts';
import type { Parameters } from '../parameters.ts';
import type { BoardQuery } from './board-query.ts';
import type { PanelData, TableData } from './panel-data.ts';
import type { TableMemory } from './table-memory.ts';
import { arranged, pageOf } from './table-page.ts';
import { type TableRequest, writePosition } from './table-request.ts';

/** Rows of a table that come with its board. */
export const BOARD_ROWS = 25;

export interface TableContext {
  readonly asked: BoardQuery;
  readonly scope: ReadScope;
  readonly parameters: Parameters;
  readonly memory: TableMemory;
  /** Of the ledger, when the first page was read. */
  readonly state: string;
}

export interface TablePage {
  readonly table: TableData;
  /** Cursor of the next page. */
  readonly next: string | null;
}

/** Changes with whatever is booked. */
export const stateOf = ({ asOfMs, counters }: Pick<LedgerStatus, 'asOfMs' | 'counters'>): string => `${asOfMs ?? ''}-${counters.appended}`;

/** What a board shows of a panel: of a table the first rows. */
export function firstRows(data: PanelData): PanelData {
  if (data.table === undefined) return data;
  const { rows, first, count } = pageOf(data.table, BOARD_ROWS, undefined);
  return { ...data, table: { ...data.table, rows, page: { first, count } } };
}

/** `panel`: the board's id and the panel's. Throws `invalid` for a column that there is not. */
export const tableAsked = (table: TableData, panel: string, request: TableRequest, context: TableContext): TablePage =>
  paged(arranged(table, request), panel, request, context);

/** The pages of a table that is still known; undefined where it has to be read. */
export function tableKept(panel: string, request: TableRequest, context: TableContext): TablePage | undefined {
  if (request.position === undefined) return undefined;
  const kept = context.memory.get(keyOf(panel, request, context));
  return kept === undefined ? undefined : paged(kept, panel, request, context);
}

function paged(table: TableData, panel: string, request: TableRequest, context: TableContext): TablePage {
  const { limit = Number.POSITIVE_INFINITY, position } = request;
  const { asked, parameters, memory, state } = context;
  const { rows, first, count, last } = pageOf(table, limit, position?.after);
  // Whoever reads on finds the other pages as they were.
  if (last !== undefined) memory.set(keyOf(panel, request, context), table);
  const next = last === undefined ? null : writePosition({ nowMs: asked.nowMs, state, after: last }, parameters, panel);
  return { table: { ...table, rows, page: { first, count } }, next };
}

/** What decides the rows of a table and their order. */
function keyOf(panel: string, { search, sort, order }: TableRequest, { asked, scope, state }: TableContext): string {
  const { where, calendar, timeRange } = asked;
  return JSON.stringify([panel, scope, where, calendar, timeRange, asked.timeRangeOf('today'), search, sort, order, state]);
}
