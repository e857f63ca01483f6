/** After a backfill the boards show, on the real stores, what the ledger says, day by day. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { OVERVIEW } from '../../dashboards/boards/overview.ts';
import { panelTargets } from '../../dashboards/grafana/promql.ts';
import { printed } from '../cli/command.ts';
import { interpolate } from '../dashboards/grafana.ts';
import { queryInstant } from '../dashboards/prometheus-api.ts';
import {
  type ConfiguredServer,
  describeWithBackend,
  findBackend,
  type RunningStore,
  runTool,
  startPrometheus,
  startVictoriaMetrics,
} from '../support/backends.ts';
import { waitFor } from '../support/wait.ts';
import { booked, OVER_TIME, shown } from './boards.ts';
import { DAY, END, NOW, openPast, type PastLedger, START } from './past.ts';

const ALL = { fromMs: START, toMs: END };
const panels = OVER_TIME.map((panel) => [panel.id, panel] as const);
const day = (count: number): string => new Date(START + count * DAY).toISOString();

let past: PastLedger;
beforeAll(async () => {
  past = await openPast();
});
afterAll(() => past?.destroy());

const backfill = (store: string, ...options: readonly string[]): Promise<string> =>
  printed(['backfill', store, ...past.data, ...options], { now: NOW });

/** Of one panel: what every test here compares. */
const spend = () => {
  const panel = OVER_TIME[0];
  if (panel === undefined) throw new Error('the Overview has no panel over time');
  return panel;
};

const expectSame = async (url: string, range = ALL): Promise<void> => {
  for (const [id, panel] of panels) expect([id, await shown(url, panel, range)]).toEqual([id, booked(past.reader, panel, range)]);
};

/** Without the days from the second to the fourth: no spike, and no figure for the day whose beginning is not known. */
const expectGap = async (url: string): Promise<void> => {
  const known = Object.entries(booked(past.reader, spend(), ALL)).filter(([label]) => {
    const at = Number(label.split('@')[1]) * 1000;
    return at < START + 2 * DAY || at >= START + 4 * DAY;
  });
  expect(await shown(url, spend(), ALL)).toEqual(Object.fromEntries(known));
};

/** A range that begins and ends at any minute, as Grafana's "last 24 hours" does, is that of the last full quarters of an hour. */
const expectRange = async (url: string): Promise<void> => {
  const panel = OVERVIEW.rows.flatMap(({ panels }) => panels).find(({ id }) => id === 'requests');
  const [target] = panel === undefined ? [] : panelTargets(panel);
  if (panel === undefined || target === undefined) throw new Error('the Overview no longer counts requests');
  const expr = interpolate(target.expr, { rangeSeconds: DAY / 1000 });
  const [figure] = await queryInstant(url, expr, END - DAY / 2 + 8 * 60_000);
  const range = { fromMs: END - 1.5 * DAY, toMs: END - DAY / 2 };
  expect(figure?.values[0]?.[1]).toBe(booked(past.reader, panel, range)['']);
};

test('the past is worth comparing', () => {
  const days = (id: string) => {
    const panel = OVER_TIME.find((one) => one.id === id);
    return panel === undefined ? [] : [...new Set(Object.keys(booked(past.reader, panel, ALL)).map((label) => label.split('@')[1]))];
  };
  expect(days('cost')).toHaveLength(5);
  for (const id of ['input_tokens', 'commits', 'sessions', 'active_user_ms', 'cost_metrics']) expect([id, days(id).length > 0]).toEqual([id, true]);
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
    const told = await backfill('prometheus', '--promtool', promtool.path, '--tsdb', join(folder, 'data'), '--to', day(6));
    expect(told).toMatch(/^100 %: .* up to 2025-09-07T00:00Z$/m);
  };

  test('made by the command, and of its file', async () => {
    await expectSame(await withBlocks(direct));
    await expectSame(await withBlocks(fromFile));
  });

  test('made twice, in other pieces, are the same figures', async () => {
    const url = await withBlocks(async (folder) => {
      await direct(folder);
      await fromFile(folder, '--step', '1h');
    });
    await expectSame(url);
  });

  test('with steps of a day, and of five minutes', async () => {
    await expectSame(await withBlocks((folder) => fromFile(folder, '--step', '1d')));
    const url = await withBlocks((folder) => fromFile(folder, '--step', '5m', '--from', day(4)));
    await expectSame(url, { fromMs: START + 4 * DAY, toMs: END });
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
    const told = await backfill('remote-write', '--url', url);
    expect(told).toMatch(/samples of \d+ series, 2025-09-01T00:00Z to 2025-09-07T00:00Z/);
    await expectSame(server.url);
    expect(await backfill('remote-write', '--url', url)).toBe(told);
    await expectSame(server.url);
  });

  test('that takes nothing old is told how to take it', async () => {
    const url = `${strict.url}/api/v1/write`;
    await backfill('remote-write', '--url', url, '--from', day(4));
    await expect(backfill('remote-write', '--url', url, '--to', day(2))).rejects.toMatchObject({
      message: expect.stringMatching(/answered 400: out of/),
      hint: expect.stringContaining('out_of_order_time_window'),
    });
  });

  test('at a wrong address is told the right one', async () => {
    await expect(backfill('remote-write', '--url', `${server.url}/write`)).rejects.toMatchObject({ hint: expect.stringContaining('/api/v1/write') });
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
    await expectSame(store.url);
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
