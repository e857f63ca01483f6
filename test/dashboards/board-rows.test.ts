/** Every panel follows the time range that the reader picked, or stands in a row that says that it does not. */
import { describe, expect, test } from '@jest/globals';
import type { BoardRow, Panel } from '../../collector/catalog/panel.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';

const PRESENT = /\b(now|today|this week|this month|last month|last \d+ days)\b/i;
const FIXED = /\b(today|this week|this month|last month)\b/i;

/** Sums of the collector and gauges are about an instant, whatever was picked; a gauge over time has a point for each day of it. */
const follows = ({ query, visualization }: Panel): boolean => {
  if (visualization === 'text') return true;
  if (query.source === 'ledger') return query.window === 'range' && (query.versus ?? 'previous_range') === 'previous_range';
  return query.source === 'gauge' && query.grain !== undefined;
};

const panelsOf = (rows: readonly BoardRow[], isNow: boolean): readonly Panel[] =>
  rows.filter(({ now }) => (now === true) === isNow).flatMap(({ panels }) => panels);

describe.each(BOARDS.map((board) => [board.id, board] as const))('the board %s', (_, { rows }) => {
  test('should have only panels that follow the time range outside the rows about the present', () => {
    expect(
      panelsOf(rows, false)
        .filter((panel) => !follows(panel))
        .map(({ id }) => id),
    ).toEqual([]);
    expect(
      panelsOf(rows, false)
        .filter(({ title }) => FIXED.test(title))
        .map(({ id }) => id),
    ).toEqual([]);
  });

  test('should have only panels of the present in those rows, and say so in their titles', () => {
    expect(
      panelsOf(rows, true)
        .filter((panel) => follows(panel))
        .map(({ id }) => id),
    ).toEqual([]);
    expect(rows.filter(({ now, title }) => (now === true) !== PRESENT.test(title)).map(({ title }) => title)).toEqual([]);
  });
});

test('should begin each board with the figure it is about', () => {
  const first = BOARDS.map(({ id, rows }) => [id, rows[0]?.panels[0]?.query] as const);
  const figures = first.flatMap(([id, query]) => (query?.source === 'ledger' ? [[id, query.figures[0]]] : []));
  expect(Object.fromEntries(figures)).toMatchObject({
    overview: 'cost',
    team: 'cost',
    developer: 'cost',
    workspace: 'cost',
    models: 'cost',
    features: 'cost',
    productivity: 'cost',
    trust: 'cost',
    sessions: 'sessions',
    clients: 'sessions',
    adoption: 'cost',
    reliability: 'errors',
  });
});
