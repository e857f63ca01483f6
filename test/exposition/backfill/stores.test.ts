/** After a backfill the boards show, on the real stores, what the ledger says, day by day. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { QUARTER_MS } from '../../../collector/core/calendar.ts';
import { printed } from '../../cli/command.ts';
import { queryInstant } from '../../dashboards/prometheus-api.ts';
import {
  type ConfiguredServer,
  describeWithBackend,
  findBackend,
  type RunningStore,
  runTool,
  startPrometheus,
  startVictoriaMetrics,
} from '../../support/backends.ts';
import { waitFor } from '../../support/wait.ts';
import { startTestCollector, type TestCollector } from '../collector.ts';
import { ALL_BARS, type Bars, booked, shown, shownInRange } from './boards.ts';
import { DAY, END, NOW, openPast, type PastLedger, START } from './past.ts';

const ALL = { fromMs: START, toMs: END };
const EVERY = ALL_BARS.map(({ id }) => id);
const day = (count: number): string => new Date(START + count * DAY).toISOString();

let past: PastLedger;
beforeAll(async () => {
  past = await openPast();
});
afterAll(() => past?.destroy());

const backfill = (store: string, ...options: readonly string[]): Promise<string> =>
  printed(['backfill', store, ...past.data, ...options], { now: NOW });

const barsOf = (id: string): Bars => {
  const bars = ALL_BARS.find((one) => one.id === id);
  if (bars === undefined) throw new Error(`/metrics no longer shows ${id}`);
  return bars;
};
/** What every test compares that needs no more than one panel. */
const spend = (): Bars => barsOf('team cost_events');

/** Of each kind one: what is compared again after the same has been compared in full. */
const SOME = [
  'person_model cost',
  'person input_tokens',
  'workspace_model cost',
  'team cost_metrics',
  'team active_user_ms',
  'model requests',
  'feature errors',
];

const expectSame = async (url: string, ids: readonly string[] = SOME, range = ALL): Promise<void> => {
  for (const bars of ids.map(barsOf)) expect([bars.id, await shown(url, bars, range)]).toEqual([bars.id, await booked(past.reader, bars, range)]);
};

/** Without the days from the second to the fourth: no spike, and no figure for the day whose beginning is not known. */
const expectGap = async (url: string): Promise<void> => {
  const known = Object.entries(await booked(past.reader, spend(), ALL)).filter(([label]) => {
    const at = Number(label.split('@').at(-1)) * 1000;
    return at < START + 2 * DAY || at >= START + 4 * DAY;
  });
  expect(await shown(url, spend(), ALL)).toEqual(Object.fromEntries(known));
};

/** A range that begins and ends at any minute, as Grafana's "last 24 hours" does, is that of the last full quarters of an hour. */
const expectRange = async (url: string): Promise<void> => {
  const range = { fromMs: END - 1.5 * DAY, toMs: END - DAY / 2 };
  const { totals } = await past.reader.query({ ...range, measures: ['requests'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 1 });
  expect(await shownInRange(url, barsOf('person requests'), range, range.toMs + 8 * 60_000)).toBe(Number(totals[0]));
};

test('the past is worth comparing', async () => {
  const days = async (id: string) => new Set(Object.keys(await booked(past.reader, barsOf(id), ALL)).map((label) => label.split('@').at(-1))).size;
  expect(await days('person_model cost')).toBe(5);
  for (const name of ['person input_tokens', 'person commits', 'person sessions', 'team active_user_ms', 'model cost_metrics', 'feature tool_calls'])
    expect([name, (await days(name)) > 0]).toEqual([name, true]);
});

describeWithBackend(['prometheus', 'promtool'], 'blocks of a Prometheus', () => {
  const running: ConfiguredServer[] = [];
  afterAll(() => Promise.all(running.map((server) => server.stop())));

  const withBlocks = async (make: (folder: string) => Promise<unknown>): Promise<string> => {
    const server = await startPrometheus({ config: { scrape_configs: [] }, prepare: async (folder) => void (await make(folder)) });
    running.push(server);
    return server.url;
  };

  const fromFile = async (folder: string, ...options: readonly string[]): Promise<void> => {
    await backfill('prometheus', '--out', join(folder, 'history.txt'), '--to', day(6), ...options);
    expect(await runTool('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', 'history.txt', 'data'], folder)).toMatchObject({ code: 0 });
  };

  /** The command runs promtool itself where there is one to run. */
  const direct = async (folder: string): Promise<void> => {
    const promtool = findBackend('promtool');
    if (promtool.kind !== 'native') return fromFile(folder);
    const answer = await backfill('prometheus', '--promtool', promtool.path, '--tsdb', join(folder, 'data'), '--to', day(6));
    expect(answer).toMatch(/^100 %: .* up to 2025-09-07T00:00Z$/m);
  };

  test('made by the command, and of its file', async () => {
    await expectSame(await withBlocks(direct), EVERY);
    await expectSame(await withBlocks(fromFile));
  });

  test('made twice, in other pieces, are the same figures', async () => {
    const url = await withBlocks(async (folder) => {
      await fromFile(folder);
      await fromFile(folder, '--step', '1h');
    });
    await expectSame(url);
  });

  test('with steps of a day, and of five minutes', async () => {
    await expectSame(await withBlocks((folder) => fromFile(folder, '--step', '1d')));
    const url = await withBlocks((folder) => fromFile(folder, '--step', '5m', '--from', day(4)));
    await expectSame(url, SOME, { fromMs: START + 4 * DAY, toMs: END });
    await expectRange(url);
  });

  test('with a gap in them show no data, and no spike after it', async () => {
    const url = await withBlocks(async (folder) => {
      await fromFile(folder, '--to', day(2));
      await fromFile(folder, '--from', day(4));
    });
    await expectGap(url);
  });
});

describeWithBackend('prometheus', 'remote write into a Prometheus', () => {
  let server: ConfiguredServer;
  let strict: ConfiguredServer;
  beforeAll(async () => {
    server = await startPrometheus({ config: { storage: { tsdb: { out_of_order_time_window: '30d' } } } });
    strict = await startPrometheus({ config: {} });
  });
  afterAll(() => Promise.all([server?.stop(), strict?.stop()]));

  test('once and again', async () => {
    const url = `${server.url}/api/v1/write`;
    const answer = await backfill('remote-write', '--url', url);
    expect(answer).toMatch(/samples of \d+ series, 2025-09-01T00:00Z to 2025-09-07T00:00Z/);
    await expectSame(server.url, EVERY);
    expect(await backfill('remote-write', '--url', url)).toBe(answer);
    await expectSame(server.url);
  });

  test('that takes nothing old is told how to take it', async () => {
    const url = `${strict.url}/api/v1/write`;
    await backfill('remote-write', '--url', url, '--from', day(4));
    await expect(backfill('remote-write', '--url', url, '--to', day(2))).rejects.toMatchObject({
      message: expect.stringMatching(/responded with 400: out of/),
      hint: expect.stringContaining('out_of_order_time_window'),
    });
  });

  test('at a wrong address is told the right one', async () => {
    await expect(backfill('remote-write', '--url', `${server.url}/write`)).rejects.toMatchObject({ hint: expect.stringContaining('/api/v1/write') });
  });
});

describeWithBackend('prometheus', 'a Prometheus that scrapes already', () => {
  let collector: TestCollector;
  let server: ConfiguredServer;
  /** The first scrape came between these. */
  let startedMs: number;
  let scrapedMs: number;
  beforeAll(async () => {
    collector = await startTestCollector();
    startedMs = Date.now();
    const job = {
      job_name: 'ledgerline',
      scrape_interval: '1s',
      static_configs: [{ targets: [collector.target], labels: { instance: 'collector:9464' } }],
    };
    server = await startPrometheus({ config: { scrape_configs: [job], storage: { tsdb: { out_of_order_time_window: '30d' } } } });
    await waitFor('a scrape', () => queryInstant(server.url, 'up == 1', Date.now()), { until: (found) => found.length > 0 });
    scrapedMs = Date.now();
  });
  afterAll(() => Promise.all([server?.stop(), collector?.stop()]));

  const run = (...options: readonly string[]): Promise<string> =>
    printed(['backfill', 'remote-write', ...past.data, ...options], { now: Date.now() });
  const answer = /^First scraped (\S+): the backfill ends there\.$/m;

  test('is asked when it began, also after the past has been brought in', async () => {
    const url = `${server.url}/api/v1/write`;
    const from = new Date(Date.now() - DAY).toISOString();
    const [, first = ''] = answer.exec(await run('--url', url, '--from', from)) ?? [];
    expect(Date.parse(first)).toBeGreaterThanOrEqual(startedMs);
    expect(Date.parse(first)).toBeLessThanOrEqual(scrapedMs);
    const again = await run('--url', url, '--from', from);
    expect(answer.exec(again)?.[1]).toBe(first);
    expect(again).toContain(new Date(Math.floor(Date.parse(first) / QUARTER_MS) * QUARTER_MS).toISOString().replace(':00.000Z', 'Z.'));
    expect(await run('--url', url, '--from', from, '--to', 'now-1h')).not.toMatch(answer);
    expect(await run('--url', url, '--from', from, '--instance', 'another:9464')).not.toMatch(answer);
  });
});

describeWithBackend('victoriametrics', 'a VictoriaMetrics', () => {
  const running: RunningStore[] = [];
  afterAll(() => Promise.all(running.map((store) => store.stop())));
  const start = async (): Promise<RunningStore> => {
    const store = await startVictoriaMetrics();
    running.push(store);
    return store;
  };
  /** VictoriaMetrics shows what was written when it has flushed it. */
  const flushed = async (store: RunningStore): Promise<void> => {
    await store.flush();
    await waitFor('the last day', async () => Object.keys(await shown(store.url, spend(), { fromMs: END - DAY, toMs: END })).length > 0);
  };

  test('filled once and again through its import API', async () => {
    const store = await start();
    await backfill('victoriametrics', '--url', store.url);
    await flushed(store);
    await expectSame(store.url, EVERY);
    await backfill('victoriametrics', '--url', `${store.url}/`);
    await flushed(store);
    await expectSame(store.url);
  });

  test('filled by remote write', async () => {
    const store = await start();
    await backfill('remote-write', '--url', `${store.url}/api/v1/write`);
    await flushed(store);
    await expectSame(store.url);
  });

  test('with a gap shows no data, and no spike after it', async () => {
    const store = await start();
    await backfill('victoriametrics', '--url', store.url, '--to', day(2));
    await backfill('victoriametrics', '--url', store.url, '--from', day(4));
    await flushed(store);
    await expectGap(store.url);
  });
});
