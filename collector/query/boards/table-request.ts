/** What a reader may ask of a panel's table: a search, an order, a page. */
import { z } from 'zod';
import { DAY_MS } from '../../core/duration.ts';
import { pageShapes, readCursor, writeCursor } from '../cursor.ts';
import { badParameter, type Parameters, readCount, readWord } from '../parameters.ts';
import type { ParameterShapes } from '../question.ts';
import { type Arrangement, type Place, placeSchema, SORT_ORDERS } from './table-page.ts';

const PAGE_MAX = 1_000;
const ROWS = ['shown', 'all'] as const;

/** `columns`: of the panel that is the example. */
export const tableShapes = (columns: readonly string[]): ParameterShapes => ({
  rows: {
    schema: z
      .enum(ROWS)
      .describe('all: every row as a table, also of a panel that draws the largest. So it is, too, with any of the parameters below.')
      .meta({ default: 'shown' }),
  },
  search: {
    schema: z
      .string()
      .describe('Rows with this text in one of their names, in any capitals.')
      .meta({ examples: ['platform'] }),
  },
  sort: {
    schema: z
      .string()
      .describe('Key of the column to sort all rows by. Without it: the order of the panel.')
      .meta({ examples: [...columns] }),
  },
  order: { schema: z.enum(SORT_ORDERS).describe('Of sort; of the first figure without it. Without order: names upwards, figures downwards.') },
  ...pageShapes(PAGE_MAX, 'all rows at once'),
});

/** The instant of the first page holds for all: "today" is another day after midnight. Then what the ledger held, and the last row of the page before. */
const positionSchema = z.tuple([z.number().int(), z.string().max(40), placeSchema]);

/** Where the page before ended. */
export interface TablePosition {
  readonly nowMs: number;
  /** Of the ledger, when the first page was read. */
  readonly state: string;
  readonly after: Place;
}

export interface TableRequest extends Arrangement {
  /** Undefined: all rows. */
  readonly limit: number | undefined;
  readonly position: TablePosition | undefined;
}

const KEYS = ['search', 'sort', 'order', 'limit', 'cursor'];

/** A cursor belongs to its panel as well. */
const ofPanel = (parameters: Parameters, panel: string): Parameters =>
  new URLSearchParams([...[...parameters].filter(([key]) => key !== 'rows'), ['panel', panel]]);

/** Undefined where the panel is asked for as it is drawn. Throws `invalid`. */
export function readTableRequest(parameters: Parameters, panel: string, nowMs: number): TableRequest | undefined {
  const isAll = readWord(parameters, 'rows', ROWS, 'shown') === 'all';
  if (!isAll && !KEYS.some((key) => parameters.has(key))) return undefined;
  const position = readPosition(parameters, panel, nowMs);
  const isPaged = parameters.has('limit') || position !== undefined;
  return {
    search: parameters.get('search') ?? undefined,
    sort: parameters.get('sort') ?? undefined,
    order: parameters.has('order') ? readWord(parameters, 'order', SORT_ORDERS, 'asc') : undefined,
    limit: isPaged ? readCount(parameters, 'limit', PAGE_MAX, PAGE_MAX) : undefined,
    position,
  };
}

function readPosition(parameters: Parameters, panel: string, nowMs: number): TablePosition | undefined {
  const read = readCursor(ofPanel(parameters, panel), positionSchema);
  if (read === undefined) return undefined;
  const [atMs, state, after] = read;
  if (atMs > nowMs || atMs < nowMs - DAY_MS)
    throw badParameter('cursor', parameters.get('cursor') ?? '', 'is not of the last 24 hours', 'Leave cursor out to begin again.');
  return { nowMs: atMs, state, after };
}

/** The cursor of the page that begins after this row. */
export const writePosition = ({ nowMs, state, after }: TablePosition, parameters: Parameters, panel: string): string =>
  writeCursor([nowMs, state, after], ofPanel(parameters, panel));
