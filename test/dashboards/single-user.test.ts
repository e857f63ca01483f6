/** A board about one user shows that user alone, whatever characters the address has. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { now } from '../../dashboards/grafana/readings.ts';
import { sourceOf } from '../../dashboards/grafana/sources.ts';
import { ALL_FAMILIES } from '../../dashboards/grafana/surroundings.ts';
import { describeWithBackend, startPrometheus } from '../support/backends.ts';
import { interpolate } from './grafana.ts';
import { importHistory, queryInstant } from './prometheus-api.ts';

const NOW = Date.parse('2026-11-18T15:00:00Z');
const USERS = [
  'ada+x@example.com',
  'adax@example.com',
  'a.b@example.com',
  'a-b@example.com',
  "o'brien@example.com",
  '(ci)',
  'ada "the first"',
  'ACME\\ada',
];
const labelText = (text: string): string => JSON.stringify(text);
const TEXT = USERS.map((user, index) => `ledgerline_user_cost_usd{organization="acme",team="data",user=${labelText(user)}} ${index + 1}\n`).join('');

function costOf(single?: 'user'): string {
  const surroundings = { variables: ['user'], single, families: ALL_FAMILIES } as const;
  const source = sourceOf({ measures: ['cost'], by: [], where: [] }, surroundings);
  if (source === undefined) throw new Error('There is a family of users.');
  return now(source, []);
}

describeWithBackend(['prometheus', 'promtool'], 'a board about one user', () => {
  let store: Awaited<ReturnType<typeof startPrometheus>>;
  beforeAll(async () => {
    store = await startPrometheus({ config: { scrape_configs: [] }, prepare: (folder) => importHistory(folder, [{ timeMs: NOW, text: TEXT }]) });
  });
  afterAll(() => store?.stop());

  test.each([...USERS.entries()])('%i: %s', async (index, user) => {
    for (const expr of [costOf('user'), costOf()]) {
      const [figure] = await queryInstant(store.url, interpolate(expr, { rangeSeconds: 60, toMs: NOW, variables: { user: [user] } }), NOW);
      expect(figure?.values[0]?.[1]).toBe(index + 1);
    }
    const several = interpolate(costOf(), { rangeSeconds: 60, toMs: NOW, variables: { user: [user, 'nobody'] } });
    expect((await queryInstant(store.url, several, NOW))[0]?.values[0]?.[1]).toBe(index + 1);
  });
});
