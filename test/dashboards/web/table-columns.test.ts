/** Columns of a table: which one thresholds are for, and what a column sorts by. */
import { expect, test } from '@jest/globals';
import type { BudgetBar } from '../../../collector/query/boards/budget-bars-data.ts';
import type { TableColumn } from '../../../collector/query/boards/panel-data.ts';
import { budgetTable } from '../../../dashboards/web/budget-bars.ts';
import { exactTable } from '../../../dashboards/web/exact.ts';
import { judgedColumn, sorted } from '../../../dashboards/web/table.ts';

const SHARES = { limits: [0.8, 1], unit: 'ratio' } as const;
const column = (title: string, unit: TableColumn['unit']): TableColumn => ({ key: title, title, unit });

const BUDGET: BudgetBar = {
  ...{
    budget: 'everything',
    scope: 'everything',
    period: 'month',
    filters: [],
    unit: 'usd',
    amount: '4000.00',
    spent: '200.00',
    remaining: '3800.00',
  },
  ...{
    used: 0.05,
    elapsed: 0.97,
    starts: 0,
    ends: 1,
    runs_out: null,
    median: null,
    p90: null,
    stopped: false,
    active: true,
    level: null,
    thresholds: [],
  },
};

test('thresholds are for what is used of a budget, and not for how much of its period has elapsed', () => {
  const shown = ['Budget', 'Scope'].map((title) => column(title, 'label'));
  expect(judgedColumn([...shown, column('Used', 'ratio'), column('Elapsed', 'ratio')], SHARES)).toBe(2);
  const { columns } = budgetTable({ bars: [BUDGET], others: 0, others_used: null, elsewhere: 0 });
  expect(columns[judgedColumn(columns, SHARES)]?.title).toBe('Used');
});

test('thresholds are for no change, for no other unit, and nothing without them', () => {
  expect(judgedColumn([{ ...column('Change', 'ratio'), isChange: true }, column('Used', 'ratio')], SHARES)).toBe(1);
  expect(judgedColumn([column('Spend', 'usd')], SHARES)).toBe(-1);
  expect(judgedColumn([column('Used', 'ratio')], undefined)).toBe(-1);
});

test('a table over time sorts by time, and not by the names of weekdays', () => {
  const starts = ['2026-11-02', '2026-11-06', '2026-11-07', '2026-12-01'].map((day) => Date.parse(day) / 1000);
  const line = { label: 'Spend', filters: [], absent: false, share: null, total: null, values: ['4', null, '2', '9'] };
  const data = exactTable({ id: 'spend', title: 'Spend', series: { unit: 'usd', grain: 'day', total: null, starts, series: [line] } }, 'UTC', []);
  if (data === undefined) throw new Error('No table stands behind the chart.');
  const by = (column: string, isDescending: boolean) =>
    sorted(data, { sorting: { column, isDescending }, newestFirst: 'start' }).map(({ cells }) => String(cells[0]).slice(0, 10));
  expect(by('start', false)).toEqual(['Mon, 2 Nov', 'Fri, 6 Nov', 'Sat, 7 Nov', 'Tue, 1 Dec']);
  expect(by('start', true)).toEqual(['Tue, 1 Dec', 'Sat, 7 Nov', 'Fri, 6 Nov', 'Mon, 2 Nov']);
  expect(by('0', true)).toEqual(['Tue, 1 Dec', 'Mon, 2 Nov', 'Sat, 7 Nov', 'Fri, 6 Nov']);
});
