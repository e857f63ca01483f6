/** Requests for more as a table. */
import { displayUsd, parseUsd } from '../core/money.ts';
import type { BudgetRequestsAnswer } from '../query/budget-requests.ts';
import { withThousands } from './table.ts';
import type { Row, Value, View, ViewColumn } from './view.ts';

const amount = (value: Value, { unit }: Row): string =>
  unit === 'tokens' ? `${withThousands(Number(value))} tok` : displayUsd(parseUsd(String(value)) ?? 0n);
/** An instant, to the minute. */
export const minute = (value: Value): string => String(value ?? '').replace(/:\d\d\.\d+Z$/, 'Z');

const COLUMNS: readonly ViewColumn[] = [
  { field: 'id', title: 'request', align: 'right' },
  { field: 'state', cut: 'never' },
  { field: 'user', cut: 'middle', comfortable: 16 },
  { field: 'key', title: 'budget', cut: 'middle', comfortable: 16 },
  { field: 'amount', title: 'asks for', align: 'right', show: amount },
  { field: 'until', cut: 'never', priority: 2, show: minute },
  { field: 'expires', cut: 'never', priority: 3, show: minute },
  { field: 'why', comfortable: 12 },
  { field: 'decided_by', title: 'answered by', priority: 1 },
  ...['unit', 'at', 'decided_at', 'decided_why'].map((field): ViewColumn => ({ field, isData: true })),
];

export function requestsView({ requests, more }: BudgetRequestsAnswer, state: string): View {
  const rows = requests.map(({ decision, ...request }) => ({
    ...request,
    ...{ decided_by: decision?.who ?? null, decided_at: decision?.at ?? null, decided_why: decision?.why ?? null },
  }));
  const columns = state === 'open' ? COLUMNS.filter(({ field }) => !['state', 'decided_by'].includes(field)) : COLUMNS;
  return {
    sections: [{ columns, rows, empty: state === 'open' ? 'No request is open.' : 'Nobody has asked for more yet.' }],
    notes: more ? [`These are the newest ${requests.length}; there are more.`] : [],
  };
}
