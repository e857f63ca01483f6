/** What a pasted address says is what pages ask for. */
import { expect, test } from '@jest/globals';
import { readListPage } from '../../../dashboards/web/sessions.ts';
import { readSelection, timeOrThisMonth, toSearch } from '../../../dashboards/web/state.ts';

test.each(['?period=last_month', '?from=2026-11-01&to=2026-11-08', '?since=2026-11-01&until=2026-11-07&tz=Asia%2FKolkata', '?until=2026-11-07', ''])(
  'the address %j keeps its time range',
  (address) => expect(toSearch(readSelection(address))).toBe(address),
);

test.each([
  ['?tz=UTC', { tz: 'UTC', period: 'this_month' }],
  ['?where=team:search', { period: 'this_month' }],
  ['?to=2026-11-08', { to: '2026-11-08' }],
  ['?since=2026-11-01', { since: '2026-11-01' }],
])('the address %j is about this month where it picks no time', (address, timeRange) => {
  expect(timeOrThisMonth(readSelection(address))).toEqual(timeRange);
});

test.each(['toString', 'constructor', '__proto__', 'newest', ''])('%j is no order of the list of sessions', (order) => {
  expect(readListPage(`?order=${order}`)).toEqual({});
});

test('the list of sessions keeps an order that there is', () => expect(readListPage('?order=cost')).toEqual({ order: 'cost' }));
