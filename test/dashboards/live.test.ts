/**
 * The whole way at once: OTLP into a real collector, scraped by a real Prometheus, asked with the generated expressions,
 * beside the collector's own board at the same instant.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BoardAnswer } from '../../collector/http/boards.ts';
import { SERIES } from '../../collector/names.ts';
import { OVERVIEW } from '../../dashboards/boards/overview.ts';
import { renderGrafana } from '../../dashboards/grafana/board.ts';
import { type LiveCollector, startLiveCollector } from '../prometheus/live-collector.ts';
import { type ConfiguredServer, describeWithBackend, startPrometheus } from '../support/backends.ts';
import { waitFor } from '../support/wait.ts';
import { interpolate, panelsOf } from './grafana.ts';
import { queryInstant } from './prometheus-api.ts';

type Figures = Readonly<Record<string, number>>;

const PEOPLE = Array.from({ length: 18 }, (_, index) => ({
  user: `person-${index}@example.com`,
  // No two sums are equal: which of two equal users falls below the cut is left open.
  usd: Number((0.005343 * 1.37 ** index).toFixed(6)),
  inputTokens: 100 + index,
  ...(index % 3 > 0 && { team: index % 3 === 1 ? 'platform' : 'data' }),
}));

const declared = OVERVIEW.rows.flatMap(({ panels }) => panels);
const drawn = panelsOf(renderGrafana(OVERVIEW, { timeZone: 'UTC', weekStart: 'monday' }));
const targetsOf = (title: string) => drawn.find((panel) => panel.title === title)?.targets ?? [];
const toDate = declared.filter(({ query }) => query.window !== 'range');
const inRange = declared.filter(({ query, visualisation }) => query.window === 'range' && visualisation !== 'timeseries');

describeWithBackend('prometheus', 'the Overview board beside the collector’s own', () => {
  let collector: LiveCollector;
  let prometheus: ConfiguredServer;
  let secondBatchMs: number;

  beforeAll(async () => {
    collector = await startLiveCollector();
    const scrape = { scrape_interval: '500ms', scrape_timeout: '500ms', static_configs: [{ targets: [collector.target] }] };
    prometheus = await startPrometheus({ config: { scrape_configs: [{ job_name: 'ledgerline', ...scrape }] } });
    await collector.send(...PEOPLE);
    await scraped(PEOPLE.length);
    secondBatchMs = Date.now();
    await collector.send(...PEOPLE.slice(0, 5));
    await scraped(PEOPLE.length + 5);
  });
  afterAll(async () => {
    await prometheus?.stop();
    await collector?.stop();
  });

  const scraped = (requests: number) =>
    waitFor(`${requests} requests in Prometheus`, async () => {
      const [series] = await queryInstant(prometheus.url, `sum(${SERIES.requests})`, Date.now());
      return series?.values[0]?.[1] === requests;
    });

  /** The figures of a panel as Grafana shows them, by label. */
  const grafanaShows = async (title: string, dimension: string | undefined, at = { rangeSeconds: 3600, atMs: Date.now() }): Promise<Figures> => {
    const answers = targetsOf(title).map(({ expr }) => queryInstant(prometheus.url, interpolate(expr, at), at.atMs));
    const labelled = (await Promise.all(answers)).flatMap((answer, index) =>
      answer.map(
        ({ metric, values }) => [dimension === undefined ? String(index) : (metric[dimension] ?? ''), values[0]?.[1] ?? Number.NaN] as const,
      ),
    );
    return Object.fromEntries(labelled);
  };

  test.each(toDate.map((panel) => [panel.id, panel] as const))('%s shows the same to the cent', async (id, { title, query, visualisation }) => {
    const dimension = visualisation === 'bars' ? query.by[0] : undefined;
    const answer = (await (await fetch(`${collector.api}/api/v1/boards/overview`)).json()) as BoardAnswer;
    const own = answer.panels[id];
    const ownFigures = own?.bars?.rows.map(({ label, value }) => [label, Number(value)] as const) ?? [['0', Number(own?.stat?.value)] as const];
    const shown = await grafanaShows(title, dimension);
    expect(Object.keys(shown).sort()).toEqual(ownFigures.map(([label]) => label).sort());
    for (const [label, value] of ownFigures) expect([label, shown[label]]).toEqual([label, expect.closeTo(value, 5)]);
  });

  test.each(inRange.map((panel) => [panel.id, panel] as const))(
    '%s counts what came within the range, and nothing from before',
    async (id, { title }) => {
      // Whole seconds, as Grafana has them, at the first instant that lies a whole number of them after the second batch.
      const rangeSeconds = Math.ceil((Date.now() - secondBatchMs) / 1000);
      const figures = await grafanaShows(title, undefined, { rangeSeconds, atMs: secondBatchMs + rangeSeconds * 1000 });
      const expected: Record<string, Figures> = {
        requests: { 0: 5 },
        sessions: { 0: 5 },
        'tokens-by-class': { 0: 100 + 101 + 102 + 103 + 104, 1: 0, 2: 0, 3: 0 },
      };
      expect(figures).toEqual(expected[id] ?? { 0: 0 });
    },
  );
});
