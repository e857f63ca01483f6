/** Rows of usage as a table: when the period began, the dimensions asked for, the measures. */
import { type DimensionName, MEASURES, type MeasureName } from '../catalog/measures.ts';
import { showValue } from '../catalog/values.ts';
import type { Row, RowsQuery } from '../ledger/ledger.ts';
import { fieldOf } from '../query/render.ts';
import type { Cell, Column, Table, TableRow } from './table.ts';

/** The names are those of GET /api/v1/spend. `query.measures` may be more than `measures`. */
export function usageTable(pages: AsyncIterable<readonly Row[]>, { by, grain, measures }: RowsQuery, shown: readonly MeasureName[]): Table {
  const hasStart = grain !== 'total';
  const places = shown.map((measure) => measures.indexOf(measure));
  const toRow = ({ startMs, key, values }: Row): TableRow => {
    const row: Cell[] = hasStart ? [startMs ?? null] : [];
    for (const [index, dimension] of by.entries()) row.push(showValue(dimension, key[index] ?? ''));
    for (const place of places) row.push(values[place] ?? 0n);
    return row;
  };
  const columns = [...(hasStart ? [START] : []), ...by.map(dimensionColumn), ...shown.map(measureColumn)];
  return { columns, pages: mapRows(pages, toRow) };
}

const START: Column = { name: 'start', type: 'instant', isRequired: true };
const dimensionColumn = (name: DimensionName): Column => ({ name, type: 'text', isRequired: true });
const measureColumn = (measure: MeasureName): Column => ({
  name: fieldOf(measure),
  type: MEASURES[measure].unit === 'usd' ? 'usd' : 'count',
  isRequired: true,
});

async function* mapRows(pages: AsyncIterable<readonly Row[]>, toRow: (row: Row) => TableRow): Table['pages'] {
  for await (const page of pages) yield page.map(toRow);
}
