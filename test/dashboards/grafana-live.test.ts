/** Every board in a real Grafana: it loads from files and by push, and every query of every panel is answered without an error. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { uidFor } from '../../dashboards/grafana/board.ts';
import { printed } from '../cli/command.ts';
import { type LiveCollector, startLiveCollector } from '../exposition/live-collector.ts';
import { type ConfiguredServer, SKIPPED, startPrometheus } from '../support/backends.ts';
import { askGrafana, GRAFANA_MISSING, GRAFANAS, startGrafana, type TestGrafana } from '../support/grafana.ts';
import { waitFor } from '../support/wait.ts';
import { interpolate, type TargetModel } from './grafana.ts';

const DAY_MS = 86_400_000;
const START_MS = 240_000;

/** Grafana's documented answers, as far as they are read here. */
interface Found {
  readonly uid: string;
  readonly folderTitle?: string;
}
interface Stored {
  readonly dashboard: { readonly panels: readonly { readonly title: string; readonly targets?: readonly TargetModel[] }[] };
}
interface Answered {
  readonly results: Readonly<Record<string, { readonly status?: number; readonly error?: string }>>;
}

const findBoards = async (grafana: TestGrafana): Promise<Found[]> =>
  (await askGrafana(grafana, '/api/search?type=dash-db&tag=ledgerline')) as Found[];
const EVERY_BOARD = BOARDS.map((board) => uidFor(board, 'prometheus')).sort();

function suite(source: (typeof GRAFANAS)[number]): void {
  let collector: LiveCollector | undefined;
  let prometheus: ConfiguredServer | undefined;
  let grafana: TestGrafana;

  beforeAll(async () => {
    if (source.kind === 'container') {
      collector = await startLiveCollector();
      const scrape = { scrape_interval: '1s', scrape_timeout: '1s', static_configs: [{ targets: [collector.target] }] };
      prometheus = await startPrometheus({ config: { scrape_configs: [{ job_name: 'ledgerline', ...scrape }] } });
      await collector.send({ user: 'alice@example.com', team: 'platform', usd: 1.25, inputTokens: 100 });
    }
    grafana = await startGrafana(source, prometheus?.url ?? '', false);
  }, START_MS);
  afterAll(async () => {
    await grafana?.stop();
    await prometheus?.stop();
    await collector?.stop();
  });

  const push = (...args: readonly string[]): Promise<string> =>
    printed(['dashboards', 'push', '--url', grafana.url, '--datasource-uid', grafana.datasourceUid, ...args], {
      env: { GRAFANA_TOKEN: grafana.token },
    });

  test('takes every board by push, and again', async () => {
    expect(await push()).toContain('Ledgerline / Overview');
    expect(await push()).toContain('updated  Ledgerline / Overview');
    const found = await waitFor('every board to be found', async () => {
      const all = await findBoards(grafana);
      return all.length >= BOARDS.length ? all : undefined;
    });
    expect(found.map(({ uid }) => uid).sort()).toEqual(EVERY_BOARD);
    expect(new Set(found.map(({ folderTitle }) => folderTitle))).toEqual(new Set(['Ledgerline']));
  });

  test.each(BOARDS.map((board) => [board.title, board] as const))('answers every query of the board %s', async (_, board) => {
    const { dashboard } = (await askGrafana(grafana, `/api/dashboards/uid/${uidFor(board, 'prometheus')}`)) as Stored;
    const declared = board.rows.flatMap(({ panels }) => panels.map(({ title }) => title));
    expect(dashboard.panels.map(({ title }) => title)).toEqual(expect.arrayContaining(declared));
    const toMs = Date.now();
    for (const { title, targets = [] } of dashboard.panels) {
      if (targets.length === 0) continue;
      const queries = targets.map((target) => asked(target, grafana.datasourceUid, toMs));
      const { results } = (await askGrafana(grafana, '/api/ds/query', { from: String(toMs - DAY_MS), to: String(toMs), queries })) as Answered;
      const failures = Object.entries(results).flatMap(([refId, { error, status = 200 }]) =>
        error === undefined && status === 200 ? [] : [[refId, error]],
      );
      expect([title, failures]).toEqual([title, []]);
      expect(Object.keys(results).sort()).toEqual(targets.map(({ refId }) => refId).sort());
    }
  });

  if (source.kind === 'running') return;
  test('loads every board from files, into its folder', async () => {
    const fromFiles = await startGrafana(source, prometheus?.url ?? '', true);
    try {
      const found = await waitFor('every board to be loaded', async () => {
        const all = await findBoards(fromFiles);
        return all.length >= BOARDS.length ? all : undefined;
      });
      expect(found.map(({ uid }) => uid).sort()).toEqual(EVERY_BOARD);
      expect(new Set(found.map(({ folderTitle }) => folderTitle))).toEqual(new Set(['Ledgerline']));
    } finally {
      await fromFiles.stop();
    }
  });
}

/** What Grafana's page sends: variables are filled in there, $__range by the server. */
function asked({ refId, expr, instant, range, interval, ...target }: TargetModel, uid: string, toMs: number): object {
  const intervalMs = interval === '1h' ? DAY_MS / 24 : DAY_MS;
  const shown = interpolate(expr, { rangeSeconds: DAY_MS / 1000, toMs });
  return { ...target, refId, expr: shown, instant, range, interval, intervalMs, maxDataPoints: 1_000, datasource: { type: 'prometheus', uid } };
}

const NONE = { kind: 'running', name: 'none', url: '', token: '' } as const;

if (GRAFANAS.length === 0) {
  describe.skip(`the boards in a real Grafana [${SKIPPED}${GRAFANA_MISSING}]`, () => suite(NONE));
} else {
  describe.each(GRAFANAS.map((source) => [source.name, source] as const))('the boards in %s', (_, source) => suite(source));
}
