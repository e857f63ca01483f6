/** A figure of a selection is computed over it: no panel makes one from the figures of parts that do not add up. */
import { expect, test } from '@jest/globals';
import { GAUGES, type GaugeDeclaration } from '../../collector/catalog/gauges.ts';
import type { GaugeQuery } from '../../collector/catalog/panel.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';

const QUERIES = BOARDS.flatMap((board) =>
  board.rows.flatMap(({ panels }) =>
    panels.flatMap(({ id, query }): [string, GaugeQuery][] => (query.source === 'gauge' ? [[`${board.id}/${id}`, query]] : [])),
  ),
).filter(([, { gauges }]) => gauges.length > 0);

const OWNERS = ['organization', 'team'];
/** One sample of each is all there is. */
const KEYS = ['budget', 'session_id', 'scope'];

const gaugesOf = ({ gauges }: GaugeQuery): GaugeDeclaration[] => gauges.map((name) => GAUGES[name]);

test.each(QUERIES)('%s makes no figure from those of parts', (_, query) => {
  for (const { labels, unit, isOfSelection } of gaugesOf(query)) {
    expect(query.reduce === 'one').toBe(isOfSelection === true);
    // Of dates, the first or the last of several is a date of all of them.
    const isOfParts = labels.some((label) => OWNERS.includes(label) && !query.by.includes(label)) && !query.by.some((label) => KEYS.includes(label));
    if (query.reduce === 'max' || query.reduce === 'min') expect([isOfParts && unit !== 'timestamp', unit]).toEqual([false, unit]);
    if (query.reduce === 'sum') expect([unit, labels.includes('quantile')]).not.toEqual(['ratio', true]);
  }
});

test.each(QUERIES.filter(([, { reduce }]) => reduce === 'one'))('%s has one sample of each row', (_, query) => {
  const apart = [...query.by, ...Object.keys(query.where ?? {}), ...(query.each === undefined ? [] : [query.each.label])];
  for (const { labels } of gaugesOf(query)) expect(labels.filter((label) => !apart.includes(label) && !OWNERS.includes(label))).toEqual([]);
  // Teams of two organizations may be called the same.
  if (query.by.includes('team')) expect(query.by).toContain('organization');
});
