/**
 * The whole way at once: OTLP into a real collector, scraped by a real Prometheus, asked with the generated expressions,
 * beside the collector's own boards at the same instant.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SERIES } from '../../collector/catalog/names.ts';
import type { Panel } from '../../collector/catalog/panel.ts';
import type { BoardAnswer } from '../../collector/query/boards/answer.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { type LiveCollector, startLiveCollector } from '../exposition/live-collector.ts';
import { type ConfiguredServer, describeWithBackend, startPrometheus } from '../support/backends.ts';
import { waitFor } from '../support/wait.ts';
import { queryInstant } from './prometheus-api.ts';
import { grafanaShows, pageShows } from './shown.ts';

const PEOPLE = Array.from({ length: 18 }, (_, index) => ({
  user: `person-${index}@example.com`,
  // No two sums are equal: which of two equal users falls below the cut is left open.
  usd: Number((0.005343 * 1.37 ** index).toFixed(6)),
  inputTokens: 100 + index,
  ...(index % 3 > 0 && { team: index % 3 === 1 ? 'platform' : 'data' }),
}));

const panelsOf = (id: string): readonly Panel[] => BOARDS.find((board) => board.id === id)?.rows.flatMap(({ panels }) => panels) ?? [];
/** What needs no history: figures to date, of the ledger as a whole. */
const toDate = BOARDS.flatMap(({ id }) =>
  panelsOf(id).flatMap((panel): [string, string, Panel][] =>
    panel.query.source === 'ledger' && panel.query.window !== 'range' ? [[`${id}/${panel.id}`, id, panel]] : [],
  ),
);

describeWithBackend('prometheus', 'the boards beside the collector’s own', () => {
  let collector: LiveCollector;
  let prometheus: ConfiguredServer;
  /**
   * Scrapes that had the first batch, and all. Prometheus is asked as of their own instants: a later scrape that a busy machine lets fail
   * ends every series until the next.
   */
  let firstMs: number;
  let scrapedMs: number;

  beforeAll(async () => {
    collector = await startLiveCollector();
    const scrape = { scrape_interval: '1s', scrape_timeout: '1s', static_configs: [{ targets: [collector.target] }] };
    prometheus = await startPrometheus({ config: { scrape_configs: [{ job_name: 'ledgerline', ...scrape }] } });
    await collector.send(...PEOPLE);
    firstMs = await scraped(PEOPLE.length);
    await collector.send(...PEOPLE.slice(0, 5));
    scrapedMs = await scraped(PEOPLE.length + 5);
  });
  afterAll(async () => {
    await prometheus?.stop();
    await collector?.stop();
  });

  const requestsAt = async (atMs: number): Promise<number | undefined> => {
    const [series] = await queryInstant(prometheus.url, `sum(${SERIES.requests})`, atMs);
    return series?.values[0]?.[1];
  };
  /** Resolves to the instant of a scrape that had them. */
  const scraped = async (requests: number): Promise<number> => {
    await waitFor(`${requests} requests in Prometheus`, () => requestsAt(Date.now()), { until: (seen) => seen === requests });
    const scrapes = () => queryInstant(prometheus.url, `timestamp(${SERIES.buildInfo})`, Date.now());
    const [series] = await waitFor('a scrape that did not fail', scrapes, { until: (found) => found.length > 0 });
    return Math.round((series?.values[0]?.[1] ?? 0) * 1000);
  };

  test.each(toDate)('%s shows the same to the cent', async (_, board, declared) => {
    const answer = (await (await fetch(`${collector.api}/api/v1/boards/${board}`)).json()) as BoardAnswer; // The wire edge: our own server's answer.
    const panel = answer.board.rows.flatMap(({ panels }) => panels).find(({ id }) => id === declared.id) ?? declared;
    const own = answer.panels[panel.id];
    if (own === undefined) throw new Error(`Board ${board} has no answer for ${panel.id}.`);
    const [shown, right] = [
      await grafanaShows(panel, { url: prometheus.url, board, fromMs: scrapedMs - 60_000, toMs: scrapedMs }),
      pageShows(panel, own),
    ];
    const isThere = ([label, value]: [string, number]) => label === '' || value !== 0;
    const entries = (figures: typeof shown) => Object.entries(figures).filter(isThere).sort();
    expect(entries(shown)).toEqual(entries(right).map(([label, value]) => [label, expect.closeTo(value, 6)]));
    // This ledger begins with the day: of the month before it knows nothing.
    const isBefore = panel.query.source === 'ledger' && panel.query.window.startsWith('last_month');
    expect(entries(shown).length > 0).toBe(!isBefore);
  });

  test('panels over the range count what came within it, and nothing from before', async () => {
    // Whole seconds, as Grafana has them: an instant that lies a whole number of them after the first batch.
    const wholeSeconds = () => firstMs + Math.floor((Date.now() - firstMs) / 1000) * 1000;
    const probe = async () => {
      const toMs = wholeSeconds();
      return { toMs, requests: await requestsAt(toMs) };
    };
    const { toMs } = await waitFor('the end of the range', probe, { until: ({ requests }) => requests === PEOPLE.length + 5 });
    const picked = { url: prometheus.url, board: 'overview', fromMs: firstMs, toMs };
    const shows = async (id: string) => {
      const panel = panelsOf('overview').find((one) => one.id === id);
      return panel === undefined ? undefined : grafanaShows(panel, picked);
    };
    const usage = await Promise.all(['sessions', 'requests', 'errors', 'commits', 'pull-requests'].map((id) => shows(`${id}-range`)));
    expect(usage).toEqual([{ '': 5 }, { '': 5 }, { '': 0 }, { '': 0 }, { '': 0 }]);
    expect(await shows('tokens-by-class')).toEqual({
      'input_tokens|': 100 + 101 + 102 + 103 + 104,
      'output_tokens|': 0,
      'cache_read_tokens|': 0,
      'cache_creation_tokens|': 0,
    });
  });
});
