/**
 * Prometheus knows only what it scraped. Installed later, or blind for two days: a window whose far end was not scraped shows no data, never a
 * lifetime total, and no spike when scraping goes on. Every panel over the time range, of every board, on both stores.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SERIES } from '../../collector/catalog/names.ts';
import type { LedgerQuery, Panel } from '../../collector/catalog/panel.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { describeWithBackend, startPrometheus, startVictoriaMetrics } from '../support/backends.ts';
import { waitFor } from '../support/wait.ts';
import { differences } from './compare.ts';
import { DAY, type DemoHistory, HOUR, recordDemo } from './demo-history.ts';
import { type Figures, ledgerFigures } from './ledger-figures.ts';
import { importHistory, postHistory, queryInstant, type Scrape } from './prometheus-api.ts';
import { grafanaShows } from './shown.ts';

/** A Wednesday afternoon. */
const END = Date.parse('2026-11-18T15:00:00Z');
const FIRST_SCRAPE = Date.parse('2026-11-11T00:00:00Z');
/** Not scraped from the evening of the 13th to the 15th; the collector was restarted meanwhile. */
const GAP = { fromMs: FIRST_SCRAPE + 3 * DAY - 6 * HOUR, toMs: FIRST_SCRAPE + 4 * DAY };
const RESTART = FIRST_SCRAPE + 3 * DAY;
const MIDNIGHTS = Array.from({ length: 8 }, (_, day) => FIRST_SCRAPE + day * DAY);
const RANGE_FROM = FIRST_SCRAPE + DAY + 7 * HOUR;
const SCRAPES = [...MIDNIGHTS, RANGE_FROM, END].sort((a, b) => a - b);
/** VictoriaMetrics reads from the spacing of samples for how long one holds. Were they a day apart, it would see no gap. */
const BETWEEN = SCRAPES.flatMap((ms) => [1, 2, 3].map((hours) => ms - hours * HOUR)).filter((ms) => ms > FIRST_SCRAPE);

interface Case {
  readonly id: string;
  readonly board: string;
  readonly panel: Panel;
  readonly query: LedgerQuery;
}
const CASES: readonly Case[] = BOARDS.flatMap((board) =>
  board.rows.flatMap(({ panels }) =>
    panels.flatMap((panel): Case[] =>
      panel.query.source === 'ledger' && panel.query.window === 'range'
        ? [{ id: `${board.id}/${panel.id}`, board: board.id, panel, query: panel.query }]
        : [],
    ),
  ),
);
/** Every point of cumulative spend needs the beginning of the range, as a figure of the whole range does. */
const isCumulative = ({ panel }: Case): boolean => panel.visualization === 'cumulative';
const overTime = CASES.filter((one) => one.query.grain !== undefined && !isCumulative(one));
const inRange = CASES.filter(({ query }) => query.grain === undefined);

let demo: DemoHistory;
let scrapes: readonly Scrape[];
beforeAll(async () => {
  demo = await recordDemo({
    people: 14,
    ledgerFromMs: Date.parse('2026-11-02T00:00:00Z'),
    scrapesMs: SCRAPES,
    betweenMs: BETWEEN,
    restartMs: RESTART,
  });
  scrapes = demo.scrapes.filter(({ timeMs }) => timeMs < GAP.fromMs || timeMs > GAP.toMs);
});
afterAll(() => demo?.stop());

const dayOf = (label: string): number => Number(label.slice(label.lastIndexOf('@') + 1)) * 1000;

const STORES = [
  [
    'prometheus',
    ['prometheus', 'promtool'],
    () => startPrometheus({ config: { scrape_configs: [] }, prepare: (folder) => importHistory(folder, scrapes) }),
  ],
  [
    'victoriametrics',
    ['victoriametrics'],
    async () => {
      const store = await startVictoriaMetrics();
      await postHistory(store.url, scrapes);
      await store.flush();
      await waitFor('the last scrape', async () => (await queryInstant(store.url, SERIES.buildInfo, END)).length > 0);
      return store;
    },
  ],
] as const;

for (const [title, backends, start] of STORES) {
  describeWithBackend(backends, `a ${title} that was installed later and was blind for two days`, () => {
    let store: Awaited<ReturnType<typeof start>>;
    beforeAll(async () => {
      store = await start();
    });
    afterAll(() => store?.stop());

    const shownFrom = ({ panel, board }: Case, fromMs: number): Promise<Figures> => grafanaShows(panel, { url: store.url, board, fromMs, toMs: END });
    /** The panels that show anything of a range, by name. */
    const showing = async (cases: readonly Case[], fromMs: number): Promise<string[]> => {
      const shown = await Promise.all(cases.map(async (one) => ({ id: one.id, figures: await shownFrom(one, fromMs) })));
      return shown.filter(({ figures }) => Object.keys(figures).length > 0).map(({ id }) => id);
    };

    test('no panel shows anything for a range that began before the first scrape', async () =>
      expect(await showing([...inRange, ...CASES.filter(isCumulative)], END - 14 * DAY)).toEqual([]));

    test('no panel shows anything for a range that began while nothing was scraped', async () =>
      expect(await showing([...inRange, ...CASES.filter(isCumulative)], GAP.fromMs + 6 * HOUR)).toEqual([]));

    test('panels show a range that began when it was scraped, whatever was missed in between', async () => {
      const wrong = await Promise.all(
        inRange.map(async (one) => {
          const right = await ledgerFigures(one.panel, demo.reader, { nowMs: END, range: { fromMs: RANGE_FROM, toMs: END } });
          // The range before it began before the first scrape.
          const isOfRange = (label: string): boolean => one.query.versus !== 'previous_range' || !/ (previous_range|change)\|/.test(label);
          const known = Object.fromEntries(Object.entries(right).filter(([label]) => isOfRange(label)));
          return differences(await shownFrom(one, RANGE_FROM), known).map((text) => `${one.id}: ${text}`);
        }),
      );
      expect(wrong.flat()).toEqual([]);
    });

    test.each(overTime.map((one) => [one.id, one] as const))(
      '%s has bars only for days whose both ends were scraped, each as the ledger says',
      async (_, one) => {
        const fromMs = FIRST_SCRAPE - 3 * DAY;
        const isKnown = (label: string): boolean => {
          const startMs = dayOf(label);
          return startMs >= FIRST_SCRAPE && (startMs + DAY < GAP.fromMs || startMs > GAP.toMs);
        };
        // Without a cut: who is among the largest is decided by what the store knows of the range.
        const { top: _top, ...query } = one.query;
        const panel: Panel = { ...one.panel, query };
        const shown = await grafanaShows(panel, { url: store.url, board: one.board, fromMs, toMs: END });
        const right = await ledgerFigures(panel, demo.reader, { nowMs: END, range: { fromMs: Math.floor(fromMs / DAY) * DAY, toMs: END } });
        expect(differences(shown, Object.fromEntries(Object.entries(right).filter(([label]) => isKnown(label))))).toEqual([]);
        expect(Object.keys(shown).length).toBeGreaterThan(0);
      },
    );
  });
}
