/** The budget of a chosen team is drawn whatever its name is, and none where several are chosen. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { GAUGES } from '../../collector/catalog/gauges.ts';
import { OVERVIEW } from '../../dashboards/boards/overview.ts';
import { describeWithBackend, startPrometheus } from '../support/backends.ts';
import { importHistory } from './prometheus-api.ts';
import { grafanaShows } from './shown.ts';

const START = Date.parse('2026-11-01T00:00:00Z');
const DAY = 86_400_000;
const END = START + 5 * DAY;
const NAMES = ['web.shop', 'web-shop', 'a+b (c)', "it's", 'x|y', 'platform'];

function gauges(): string {
  const limits = [...NAMES.entries()].flatMap(([index, team]) => {
    const labels = `{budget="of ${team}",scope="team=${team}",team="${team}",period="month"}`;
    return [`${GAUGES.budget_limit.series}${labels} ${100 + index}`, `${GAUGES.budget_period_start.series}${labels} ${START / 1_000}`];
  });
  const all = '{budget="all",scope="everything",team="",period="month"}';
  const whole = [`${GAUGES.budget_limit.series}${all} 4000`, `${GAUGES.budget_period_start.series}${all} ${START / 1_000}`];
  return `${[...limits, ...whole].join('\n')}\n`;
}

describeWithBackend(['prometheus', 'promtool'], 'the budget line of cumulative spend', () => {
  let store: Awaited<ReturnType<typeof startPrometheus>>;
  beforeAll(async () => {
    const scrapes = Array.from({ length: 5 * 24 + 1 }, (_, hour) => ({ timeMs: START + hour * 3_600_000, text: gauges() }));
    store = await startPrometheus({ config: { scrape_configs: [] }, prepare: (folder) => importHistory(folder, scrapes) });
  });
  afterAll(() => store?.stop());

  const drawn = async (team?: readonly string[]): Promise<number | undefined> => {
    const panel = OVERVIEW.rows[0]?.panels[0];
    if (panel?.visualization !== 'cumulative') throw new Error('Overview does not begin with its spend.');
    const picked = { url: store.url, board: OVERVIEW.id, fromMs: START, toMs: END };
    const shown = await grafanaShows(panel, { ...picked, ...(team !== undefined && { variables: { team } }) });
    return shown[`budget@${END / 1_000}`];
  };

  test.each([...NAMES.entries()])('%i: of the team %s', async (index, team) => expect(await drawn([team])).toBe(100 + index));

  test('is that of everything where all teams are chosen, and none where several are', async () => {
    expect(await drawn()).toBe(4_000);
    expect(await drawn(['platform', 'web-shop'])).toBeUndefined();
  });
});
