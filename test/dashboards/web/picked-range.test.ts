/** Which time range the bars of a chart stand for: nobody who clicks a bar gets more than it shows. */
import { expect, test } from '@jest/globals';
import { pickedDays, pickedRange } from '../../../dashboards/web/picked-range.ts';

const at = (iso: string): number => Date.parse(iso) / 1000;
const NOW = '2026-11-14T12:00:00Z';

test.each([
  ['a bar with one after it, in October', at('2026-10-02T23:00:00Z'), { to: '2026-10-31T23:00:00Z', now: NOW }, '2026-10-02T23:00:00Z'],
  ['a bar with one after it, in this month', at('2026-11-03T23:00:00Z'), { to: null, now: NOW }, '2026-11-03T23:00:00Z'],
  ['the last bar of October', undefined, { to: '2026-10-31T23:00:00Z', now: NOW }, '2026-10-31T23:00:00Z'],
  ['the last bar of what ends now', undefined, { to: NOW, now: NOW }, NOW],
  ['today, in a month that goes on', undefined, { to: '2026-11-30T23:00:00Z', now: NOW }, undefined],
  ['today, where there is no end', undefined, { to: null, now: NOW }, undefined],
])('%s', (_, next, drawn, to) => {
  const from = '2026-10-01T23:00:00Z';
  expect(pickedRange(at(from), next, drawn)).toEqual(to === undefined ? { from } : { from, to });
});

test('of days in UTC only those that were picked, also where the next one with a record is far, or none comes', () => {
  const starts = ['2026-10-05', '2026-10-06', '2026-11-12', '2026-11-14'].map(at);
  const pick = (first: number, last: number) => pickedDays(starts[first] ?? 0, starts[last + 1], starts, at(NOW));
  expect(pick(0, 0)).toEqual({ from: '2026-10-05T00:00:00Z', to: '2026-10-06T00:00:00Z' });
  expect(pick(1, 1)).toEqual({ from: '2026-10-06T00:00:00Z', to: '2026-10-07T00:00:00Z' });
  expect(pick(0, 2)).toEqual({ from: '2026-10-05T00:00:00Z', to: '2026-11-13T00:00:00Z' });
  expect(pick(3, 3)).toEqual({ from: '2026-11-14T00:00:00Z' });
  expect(pickedDays(starts[2] ?? 0, undefined, starts.slice(0, 3), at(NOW))).toEqual({ from: '2026-11-12T00:00:00Z', to: '2026-11-13T00:00:00Z' });
});
