/**
 * A store that was never there while the demo's organization worked: after `ledgerline backfill` the boards show its 90 days, each as the ledger
 * says, for every panel over time of every board.
 */
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SERIES } from '../../collector/catalog/names.ts';
import type { Panel } from '../../collector/catalog/panel.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { printed } from '../cli/command.ts';
import { describeWithBackend, type RunningStore, startVictoriaMetrics } from '../support/backends.ts';
import { waitFor } from '../support/wait.ts';
import { differences } from './compare.ts';
import { DAY, type DemoHistory, recordDemo } from './demo-history.ts';
import { ledgerFigures } from './ledger-figures.ts';
import { queryInstant } from './prometheus-api.ts';
import { grafanaShows } from './shown.ts';

const END = Date.parse('2026-11-18T00:00:00Z');
const RANGE = { fromMs: END - 90 * DAY, toMs: END };

const CASES = BOARDS.flatMap((board) =>
  board.rows.flatMap(({ panels }) =>
    panels.flatMap((panel): [string, string, Panel][] =>
      panel.query.source === 'ledger' && panel.query.grain === 'day' ? [[`${board.id}/${panel.id}`, board.id, panel]] : [],
    ),
  ),
);

describeWithBackend('victoriametrics', 'after the backfill of 90 days', () => {
  let demo: DemoHistory;
  let store: RunningStore;
  beforeAll(async () => {
    demo = await recordDemo({ people: 12, ledgerFromMs: RANGE.fromMs, scrapesMs: [END] });
    store = await startVictoriaMetrics();
    const where = [
      '--url',
      store.url,
      '--data',
      dirname(demo.file),
      '--from',
      new Date(RANGE.fromMs).toISOString(),
      '--to',
      new Date(END).toISOString(),
    ];
    // Bars of a day need no more than the day's two ends.
    await printed(['backfill', 'victoriametrics', ...where, '--step', '1d'], { now: END + DAY });
    await store.flush();
    await waitFor('the last day', async () => (await queryInstant(store.url, SERIES.buildInfo, END)).length > 0);
  });
  afterAll(async () => {
    await store?.stop();
    await demo?.stop();
  });

  test.each(CASES)('%s shows every day as the ledger says', async (_, board, panel) => {
    const shown = await grafanaShows(panel, { url: store.url, board, ...RANGE });
    const right = await ledgerFigures(panel, demo.reader, { nowMs: END, range: RANGE });
    expect(differences(shown, right)).toEqual([]);
    const days = new Set(Object.keys(right).map((label) => label.split('@').at(-1)));
    expect(days.size).toBeGreaterThan(30);
  });
});
