/**
 * How long each board takes to answer: `node bin/node26.mjs test/bench/boards.ts [--people N] [--days N] [--where team:platform]`. Up to 200 people
 * are the demo's own organization; more come through the store, see past.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createApi } from '../../collector/api/api.ts';
import { configSchema } from '../../collector/config/config.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { listenHttp } from '../../collector/server/http-server.ts';
import { openAlertStore } from '../../collector/storage/sqlite/alert-store.ts';
import { openBudgetStore } from '../../collector/storage/sqlite/budget-store.ts';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { openWriter } from '../../collector/storage/sqlite/ledger-writer.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { createDemoFeed } from '../support/demo-feed.ts';
import { fill } from './fill.ts';
import { CALENDAR } from './ledger-file.ts';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-11-20T17:07:00Z');
const ROUNDS = 5;
const DEMO_MAX = 200;

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '40' },
    days: { type: 'string', default: '90' },
    where: { type: 'string' },
    period: { type: 'string' },
  },
});
const [people, days] = [Number(values.people), Number(values.days)];

async function fillFile(file: string): Promise<void> {
  if (people > DEMO_MAX) {
    fill(file, { people, days, entries: people * days * 40, endMs: NOW }, () => undefined);
    return;
  }
  const writer = await openWriter({ file, ...CALENDAR });
  const feed = createDemoFeed({ config: configSchema.parse({}), ledger: writer, people, fromMs: NOW - days * DAY_MS });
  await feed.sendUntil(NOW);
  await writer.close();
}

async function measure(url: string, query: string): Promise<void> {
  console.log('| board | panels | ms, first | ms, median | CPU ms | kB |\n| --- | ---: | ---: | ---: | ---: | ---: |');
  for (const board of BOARDS) {
    const times: number[] = [];
    let text = '';
    // Neighbors on the machine stretch the time, not the work.
    const before = process.cpuUsage();
    for (let round = 0; round < ROUNDS; round++) {
      const startedMs = performance.now();
      const response = await fetch(`${url}/api/v1/boards/${board.id}${query}`);
      text = await response.text();
      times.push(performance.now() - startedMs);
      if (!response.ok) throw new Error(text);
    }
    const median = times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
    const { user, system } = process.cpuUsage(before);
    const panels = board.rows.flatMap((row) => row.panels).length;
    console.log(
      `| ${board.id} | ${panels} | ${times[0]?.toFixed(0)} | ${median.toFixed(0)} | ${((user + system) / 1000 / ROUNDS).toFixed(0)} | ${Math.round(text.length / 1000)} |`,
    );
  }
}

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-boards-'));
const file = join(folder, 'ledger.sqlite');
try {
  const startedMs = performance.now();
  await fillFile(file);
  console.log(`${people} people, ${days} days, filled in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
  const config = configSchema.parse({ limits: { query_rows: 100_000 } });
  const reader = openReader({ file, ...CALENDAR });
  const budgets = openBudgetStore(join(folder, 'budgets.sqlite'));
  const alerts = openAlertStore(join(folder, 'budgets.sqlite'));
  const app = createApi({
    reader,
    config,
    budgets,
    alerts,
    prices: loadPriceBook(),
    now: () => NOW,
    selfText: async () => '',
    refusals: async () => [],
    log: () => undefined,
  });
  const api = await listenHttp(app, { host: '127.0.0.1', port: 0, key: 'server.api_port', flag: '--api-port' });
  const parameters = new URLSearchParams(Object.entries(values).filter(([key]) => key === 'where' || key === 'period') as [string, string][]);
  await measure(`http://127.0.0.1:${api.port}`, `?${parameters}`);
  await api.close();
  await reader.close();
} finally {
  rmSync(folder, { recursive: true });
}
