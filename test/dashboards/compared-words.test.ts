/** The built-in page compares with a period of the calendar, Grafana with a time as long: two figures, never under the same words. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { windowTitle } from '../../collector/catalog/titles.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { AS_LONG_BEFORE } from '../../dashboards/grafana/cumulative-targets.ts';

const FOLDER = 'dashboards/generated/grafana';
/** What stands beside figures; a description may speak of both. */
const withoutDescriptions = (text: string): string => text.replaceAll(/"description": "(?:[^"\\]|\\.)*"/g, '');

test('Grafana never shows the words under which the page compares, and says what it compares with', () => {
  const compares = BOARDS.filter(({ rows }) =>
    rows.some(({ panels }) =>
      panels.some(({ visualization, query }) => visualization === 'cumulative' || (query.source === 'ledger' && query.versus === 'previous_range')),
    ),
  ).map(({ id }) => id);
  expect(compares.length).toBeGreaterThan(1);
  for (const id of compares) {
    const file = readdirSync(FOLDER).find((name) => name === `${id}.json` || name === `ledgerline-${id}.json`) ?? '';
    const text = readFileSync(`${FOLDER}/${file}`, 'utf8');
    expect([id, withoutDescriptions(text).includes(windowTitle('previous_range'))]).toEqual([id, false]);
    expect([id, withoutDescriptions(text).toLowerCase().includes(AS_LONG_BEFORE.toLowerCase())]).toEqual([id, true]);
  }
});
