/** A series that was part of "(other)" when the range began has no figure for it: what it had then is not known, and is not zero. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { inRange } from '../../dashboards/grafana/readings.ts';
import { type Source, sourceOf } from '../../dashboards/grafana/sources.ts';
import { ALL_FAMILIES } from '../../dashboards/grafana/surroundings.ts';
import { describeWithBackend, startPrometheus } from '../support/backends.ts';
import { interpolate } from './grafana.ts';
import { importHistory, queryInstant } from './prometheus-api.ts';

const END = Date.parse('2026-11-18T15:00:00Z');
const DAY = 86_400_000;

const cost = (team: string, user: string, usd: number): string =>
  `ledgerline_user_cost_usd{organization="acme",team="${team}",user="${user}"} ${usd}\n`;
const ALWAYS = 'ledgerline_build_info{version="1"} 1\n';
const GROUPED = cost('(other)', '(other)', 10) + cost('data', 'ada', 5) + ALWAYS;
const LATER = cost('data', 'ada', 7) + cost('data', 'bob', 12) + cost('web', 'cleo', 3) + ALWAYS;

function byTeam(): Source {
  const source = sourceOf({ measures: ['cost'], by: ['team'], where: [] }, { variables: ['team', 'user'], families: ALL_FAMILIES });
  if (source === undefined) throw new Error('The family of users has their teams.');
  return source;
}

describeWithBackend(['prometheus', 'promtool'], 'what was grouped when the range began', () => {
  let store: Awaited<ReturnType<typeof startPrometheus>>;
  const shown = async (endMs: number): Promise<Record<string, number | undefined>> => {
    const rows = await queryInstant(store.url, interpolate(inRange(byTeam(), ['team']), { rangeSeconds: DAY / 1000, toMs: endMs }), endMs);
    return Object.fromEntries(rows.map(({ metric, values }) => [metric.team ?? '', values[0]?.[1]]));
  };

  beforeAll(async () => {
    store = await startPrometheus({
      config: { scrape_configs: [] },
      prepare: (folder) =>
        importHistory(folder, [
          { timeMs: END - 2 * DAY, text: `${cost('data', 'ada', 4)}ledgerline_complete 1\n${ALWAYS}` },
          { timeMs: END - DAY, text: GROUPED },
          { timeMs: END, text: LATER },
        ]),
    });
  });
  afterAll(() => store?.stop());

  test('is left out of its team, and the others of the team are shown', async () => expect(await shown(END)).toEqual({ data: 2 }));
  test('is zero where nothing was grouped', async () => expect(await shown(END - DAY)).toEqual({ '(other)': 10, data: 1 }));
});
