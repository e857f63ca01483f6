/**
 * Promise 6: for every panel of every board, what Grafana's expressions show on a real Prometheus and a real VictoriaMetrics, what the
 * built-in page shows, and what the ledger says agree at the same instant. The demo's organization sends its telemetry by a clock that is
 * handed in; /metrics is read at every midnight, as far as it was there already.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { VariableName } from '../../collector/catalog/board-variables.ts';
import type { GaugeName } from '../../collector/catalog/gauges.ts';
import type { DimensionName } from '../../collector/catalog/measures.ts';
import type { Panel } from '../../collector/catalog/panel.ts';
import type { Filter } from '../../collector/catalog/values.ts';
import { storedValue } from '../../collector/catalog/values.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { readPanels } from '../../collector/query/boards/answer.ts';
import { BoardQuery } from '../../collector/query/boards/board-query.ts';
import { evaluatePanel } from '../../collector/query/boards/evaluate.ts';
import { GaugeCache } from '../../collector/query/gauges/cache.ts';
import type { GaugeContext } from '../../collector/query/gauges/gauge.ts';
import { GAUGE_READERS } from '../../collector/query/gauges/registry.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { describeWithBackend, type RunningStore, startPrometheus, startVictoriaMetrics } from '../support/backends.ts';
import { waitFor } from '../support/wait.ts';
import { differences, rowsOfZeros, withoutZeros } from './compare.ts';
import { DAY, type DemoHistory, type DemoHistoryOptions, recordDemo, UTC } from './demo-history.ts';
import { gaugeFigures } from './gauge-figures.ts';
import { type Figures, ledgerFigures } from './ledger-figures.ts';
import { importHistory, postHistory, queryInstant } from './prometheus-api.ts';
import { grafanaShows, isLedgerTable, pageShows } from './shown.ts';

/** A Wednesday afternoon, so that every window has begun. */
const END = Date.parse('2026-11-18T15:00:00Z');
const RANGE = { fromMs: END - 7 * DAY, toMs: END };
const FIRST_SCRAPE = Date.parse('2026-11-04T00:00:00Z');
const MIDNIGHTS = Array.from({ length: 15 }, (_, day) => FIRST_SCRAPE + day * DAY);
/** The range is compared with the seven days before. */
const SCRAPES = [...MIDNIGHTS, RANGE.fromMs - 7 * DAY, RANGE.fromMs, END].sort((a, b) => a - b);

const CONFIG: DemoHistoryOptions['config'] = {
  budgets: [
    { name: 'all', scope: {}, period: 'month', amount_usd: '4000.00' },
    { name: 'platform', scope: { team: 'platform' }, period: 'week', amount_usd: '5.00' },
  ],
  rate_limits: { tokens_per_minute: 400_000, requests_per_minute: 500 },
};

/** Panels that the demo's organization gives nothing to show, and why. Anything else without a figure is a failure. */
const NOTHING_TO_SHOW: Readonly<Record<string, string>> = {
  'budgets/anomaly-kind-scope-severity': 'nothing unusual happens on the last day',
};

interface Case {
  readonly name: string;
  readonly board: string;
  readonly panel: Panel;
}
const CASES: readonly Case[] = BOARDS.flatMap((board) =>
  board.rows.flatMap(({ panels }) => panels.map((panel) => ({ name: `${board.id}/${panel.id}`, board: board.id, panel }))),
).filter(({ panel }) => panel.visualization !== 'text');

/** What readers of the boards pick. Values as shown. */
const SELECTIONS: Readonly<Record<string, Readonly<Partial<Record<DimensionName, readonly string[]>>>>> = {
  'two teams and a model': { team: ['platform', 'unallocated'], model: ['claude-opus-5-5'] },
  'a team': { team: ['data'] },
  'a person': { user: ['ada@example.com'] },
  'a workspace': { workspace: ['acme-api'] },
};
const filtersOf = (selection: (typeof SELECTIONS)[string]): Filter[] =>
  (Object.entries(selection) as [DimensionName, readonly string[]][]).map(([dimension, values]) => ({
    dimension,
    values: values.map((value) => storedValue(dimension, value)),
  }));
/** What a reader of a board in Grafana can pick there: each of its variables, and all of them at once. */
const PICKED: Readonly<Record<VariableName, readonly string[]>> = {
  organization: ['acme'],
  team: ['platform', 'unallocated'],
  user: ['ada@example.com'],
  workspace: ['acme-api'],
  model: ['claude-opus-5-5'],
  repository: ['acme/api'],
};
const pickable = (id: string): (typeof SELECTIONS)[string][] => {
  const variables = BOARDS.find((board) => board.id === id)?.variables ?? [];
  const each = variables.map((name) => ({ [name]: PICKED[name] }));
  return each.length > 1 ? [...each, Object.assign({}, ...each)] : each;
};

let demo: DemoHistory;
let ticks = 0;
const gauges = new GaugeCache(() => ticks++);
const PRICES = loadPriceBook();
const contextOf = (where: readonly Filter[] = []): GaugeContext => ({
  reader: demo.reader,
  scope: 'all',
  config: demo.config,
  prices: PRICES,
  budgets: demo.config.budgets,
  calendar: UTC,
  nowMs: END,
  where,
});

/** Bars of whole days begin before the range does. */
const rangeOf = ({ query }: Panel) => ({
  ...RANGE,
  fromMs: 'grain' in query && query.grain === 'day' ? Math.floor(RANGE.fromMs / DAY) * DAY : RANGE.fromMs,
});

/** What the panel must show; undefined for the collector's own series, of which the ledger knows nothing. */
async function expected({ panel }: Case, where: readonly Filter[] = []): Promise<Figures | undefined> {
  if (panel.query.source === 'ledger') return ledgerFigures(panel, demo.reader, { nowMs: END, range: rangeOf(panel), where });
  return panel.query.source === 'gauge' ? gaugeFigures(panel, contextOf(where), RANGE) : undefined;
}

/** Bars of the page name a team with its organization only where several have a team of that name. */
function asBars({ panel }: Case, figures: Figures | undefined): Figures | undefined {
  const { query, visualization } = panel;
  if (figures === undefined || visualization !== 'bars' || query.by.length !== 2 || query.by[1] !== 'organization') return figures;
  const teamOf = (label: string): string => label.split(' · ', 1)[0] ?? '';
  const named = Map.groupBy(Object.keys(figures), teamOf);
  return Object.fromEntries(Object.entries(figures).map(([label, value]) => [named.get(teamOf(label))?.length === 1 ? teamOf(label) : label, value]));
}

async function onPage({ panel, board }: Case, where: readonly Filter[] = []): Promise<Figures> {
  const context = contextOf(where);
  const asked = new BoardQuery({ ...context, timeRange: rangeOf(panel), rowsMax: demo.config.limits.query_rows });
  const answers = await readPanels([panel], asked, { ...context, selfText: demo.selfText, gauges });
  return pageShows(panel, evaluatePanel(panel, board, answers));
}

beforeAll(async () => {
  demo = await recordDemo({
    people: 30,
    // A month before this one that the ledger knows in whole, so that there is something to compare with.
    ledgerFromMs: Date.parse('2026-09-30T00:00:00Z'),
    scrapesMs: SCRAPES,
    // A day of a gauge is as it was before midnight, when the next period of a budget begins.
    betweenMs: MIDNIGHTS.map((ms) => ms - 1_000),
    config: CONFIG,
    // Somebody who came this month: boards about newcomers have something to show.
    isSent: ({ user, startMs }) => user !== 'kira@example.com' || startMs > Date.parse('2026-11-02T00:00:00Z'),
  });
});
afterAll(() => demo?.stop());

describe('the built-in page', () => {
  test.each(CASES.map((one) => [one.name, one] as const))('%s shows what the ledger says', async (name, one) => {
    const right = asBars(one, await expected(one));
    const shown = await onPage(one);
    if (right === undefined) expect([name, Object.keys(shown).length > 0 || name in NOTHING_TO_SHOW]).toEqual([name, true]);
    else expect(differences(shown, right)).toEqual([]);
    if (isLedgerTable(one.panel)) expect(rowsOfZeros(shown)).toEqual([]);
  });

  test.each(Object.entries(SELECTIONS))('narrowed to %s it shows what the ledger says of it', async (_, selection) => {
    const where = filtersOf(selection);
    const wrong: string[] = [];
    for (const one of CASES) {
      const shown = await onPage(one, where);
      wrong.push(...differences(shown, asBars(one, await expected(one, where)) ?? shown).map((text) => `${one.name}: ${text}`));
    }
    expect(wrong).toEqual([]);
  });
});

/** Of gauges that show the largest of all, such as the most expensive sessions, only those remain that are of the choice. */
function narrowedDifferences({ panel }: Case, shown: Figures, right: Figures): string[] {
  if (panel.query.source !== 'gauge') return differences(shown, right);
  return differences(shown, Object.fromEntries(Object.entries(right).filter(([label]) => label in shown)));
}

/** What Grafana computes over all that is chosen, as the page does. */
const WHOLE: readonly GaugeName[] = ['active_users', 'lapsed_users', 'stickiness', 'spend_concentration'];

/** Of several teams, or organizations, Grafana shows a figure each, by name, where the page computes one over all of them. */
function eachOwner(one: Case, selection: object): Case {
  const { query } = one.panel;
  if (query.source !== 'gauge' || query.reduce !== 'one' || query.by.includes('team')) return one;
  if (query.by.length === 0 && query.gauges.every((name) => WHOLE.includes(name))) return one;
  const owners = 'team' in selection ? ['organization', 'team'] : 'organization' in selection ? ['organization'] : [];
  return owners.length === 0 ? one : { ...one, panel: { ...one.panel, visualization: 'table', query: { ...query, by: [...owners, ...query.by] } } };
}

const STORES = [
  ['prometheus', ['prometheus', 'promtool'], startWithBlocks],
  ['victoriametrics', ['victoriametrics'], startWithImport],
] as const;

async function startWithBlocks(): Promise<{ url: string; stop(): Promise<void> }> {
  return startPrometheus({ config: { scrape_configs: [] }, prepare: (folder) => importHistory(folder, demo.scrapes) });
}

async function startWithImport(): Promise<RunningStore> {
  const store = await startVictoriaMetrics();
  await postHistory(store.url, demo.scrapes);
  await store.flush();
  await waitFor('the last scrape', async () => (await queryInstant(store.url, 'ledgerline_build_info', END)).length > 0);
  return store;
}

for (const [title, backends, start] of STORES) {
  describeWithBackend(backends, `every board on a real ${title}`, () => {
    let store: Awaited<ReturnType<typeof start>>;
    beforeAll(async () => {
      store = await start();
    });
    afterAll(() => store?.stop());

    test.each(CASES.map((one) => [one.name, one] as const))('%s shows what the ledger says', async (name, one) => {
      const shown = await grafanaShows(one.panel, { url: store.url, board: one.board, ...RANGE });
      const isEmpty = Object.keys(withoutZeros(shown)).length === 0;
      expect([name, isEmpty ? (NOTHING_TO_SHOW[name] ?? 'shows nothing') : 'has figures']).toEqual([name, NOTHING_TO_SHOW[name] ?? 'has figures']);
      const right = await expected(one);
      if (right !== undefined) expect(differences(shown, right)).toEqual([]);
      if (isLedgerTable(one.panel)) expect(rowsOfZeros(shown)).toEqual([]);
    });

    test('cumulative spend of this month has the forecast and the budget up to the end of the range', async () => {
      const panel = CASES.find(({ name }) => name === 'overview/cumulative-spend')?.panel;
      if (panel === undefined) throw new Error('Overview does not begin with its spend.');
      const month = { fromMs: Date.parse('2026-11-01T00:00:00Z'), toMs: END + DAY };
      const shown = await grafanaShows(panel, { url: store.url, board: 'overview', ...month });
      const forecasts = await GAUGE_READERS.forecast.read(contextOf());
      const [median, most] = ['0.5', '0.9'].map((quantile) => forecasts.find(({ labels }) => labels.join() === `,,${quantile}`)?.value);
      // The next midnight, and the end: both lie ahead.
      for (const ms of [END + (3 / 8) * DAY, month.toMs]) {
        const at = (key: string): number | undefined => shown[`${key}@${ms / 1000}`];
        expect([at('forecast 0.5'), at('forecast 0.9'), at('budget')]).toEqual(
          [median, most, 4_000].map((value) => expect.closeTo(value ?? Number.NaN, 6)),
        );
      }
      // What stood at earlier midnights was the forecast then.
      expect(Object.keys(shown).filter((key) => key.startsWith('forecast 0.5@')).length).toBeGreaterThan(10);
      const days = await grafanaShows(panel, { url: store.url, board: 'overview', ...month, fromMs: month.fromMs + DAY });
      expect(Object.keys(days).filter((key) => /^(forecast|budget)/.test(key))).toEqual([]);
    });

    test.each(BOARDS.filter(({ variables }) => variables.length > 0).map(({ id }) => [id]))(
      '%s shows what the ledger says of whatever can be picked there',
      async (id) => {
        const wrong: string[] = [];
        let answered = 0;
        for (const selection of pickable(id)) {
          const [where, variables] = [filtersOf(selection), selection as Record<string, readonly string[]>];
          for (const one of CASES.filter(({ panel, board }) => board === id && panel.query.source !== 'self')) {
            const shown = await grafanaShows(one.panel, { url: store.url, board: id, ...RANGE, variables });
            if (Object.keys(shown).length > 0) answered++;
            const right = (await expected(eachOwner(one, selection), where)) ?? {};
            wrong.push(...narrowedDifferences(one, shown, right).map((text) => `${one.name} of ${Object.keys(selection)}: ${text}`));
          }
        }
        expect(wrong).toEqual([]);
        expect(answered).toBeGreaterThan(0);
      },
    );
  });
}
