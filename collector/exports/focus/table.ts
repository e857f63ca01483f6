/** Charges as a FOCUS dataset of one version: its columns in alphabetical order, then our own. */

import type { FocusVersion } from '../../catalog/export-formats.ts';
import type { ChargeColumn } from '../charge-table.ts';
import type { ColumnType } from '../table.ts';
import { CUSTOM_CELLS, FOCUS_CELLS } from './cells.ts';
import { FOCUS_COLUMN_IDS, FOCUS_COLUMNS, type FocusColumnId, isIn } from './columns.ts';

const TYPES = { string: 'text', json: 'json', datetime: 'second', decimal: 'usd' } as const satisfies Record<string, ColumnType>;
const QUANTITIES: readonly FocusColumnId[] = ['ConsumedQuantity', 'PricingQuantity'];

function filled(id: FocusColumnId): readonly ChargeColumn[] {
  const cell = FOCUS_CELLS[id];
  if (cell === undefined) return [];
  const { type, nulls } = FOCUS_COLUMNS[id];
  return [{ name: id, type: QUANTITIES.includes(id) ? 'quantity' : TYPES[type], ...(nulls ? {} : { isRequired: true }), cell }];
}

const CUSTOM: readonly ChargeColumn[] = Object.entries(CUSTOM_CELLS).map(([name, cell]) => ({
  name,
  type: name === 'x_UnpricedTokens' ? 'count' : 'text',
  cell,
}));

export const focusColumns = (version: FocusVersion): readonly ChargeColumn[] => [
  ...FOCUS_COLUMN_IDS.filter((id) => isIn(version, id)).flatMap(filled),
  ...CUSTOM,
];
