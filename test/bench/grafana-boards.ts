/**
 * How long Grafana's boards take on a real Prometheus: 2,000 users in 166 teams, 30 days of samples, every board's queries in parallel as a
 * browser sends them. `npm run bench:grafana -- [--users N] [--days N] [--retention 400d] [--board ID]...`; it needs prometheus and promtool on
 * the path.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Board } from '../../collector/catalog/panel.ts';
import { exposedFamilies } from '../../collector/catalog/series-families.ts';
import { defaultConfig } from '../../collector/config/config.ts';
import { type Instant, readHistory } from '../../collector/exposition/backfill/history.ts';
import { createBlocks } from '../../collector/exposition/backfill/openmetrics.ts';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { renderGrafana } from '../../dashboards/grafana/board.ts';
import { interpolate, panelsOf, type TargetModel } from '../dashboards/grafana.ts';
import { importHistory } from '../dashboards/prometheus-api.ts';
import { findBackend } from '../support/backends-find.ts';
import { startPrometheus } from '../support/backends-servers.ts';
import { waitFor } from '../support/wait.ts';
import { exposition } from './exposed.ts';
import { fill } from './fill.ts';
import { CALENDAR } from './ledger-file.ts';
import { median } from './report.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Bars need the ends of the days; promtool takes seconds for each of these instants. */
const STEP_MS = DAY_MS;
/** A whole quarter of an hour, by which the ledger's past is known. */
const NOW = Date.parse('2026-11-20T17:00:00Z');
/** As many as a browser keeps open to one server. */
const CONNECTIONS = 6;
const ROUNDS = 3;
/** A loaded machine takes its time. */
const COMPACTED_MS = 600_000;
const USERS_IN_TEAM = 12;
/** Of a user: enough for every model and workspace. */
const ENTRIES_A_DAY = 3;

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '2000' },
    days: { type: 'string', default: '30' },
    // As in deploy/compose/compose.yaml. A tenth of it is what a block holds at most, and every query looks into each block of its days.
    retention: { type: 'string', default: '400d' },
    board: { type: 'string', multiple: true, default: BOARDS.map(({ id }) => id) },
  },
});
const [users, days] = [Number(values.users), Number(values.days)];
const RANGE_SECONDS = (days * DAY_MS) / 1000;
const FROM = NOW - days * DAY_MS;

interface Asked {
  readonly panel: string;
  readonly expr: string;
  readonly ms: number;
  readonly isEmpty: boolean;
}

interface Question extends Pick<TargetModel, 'expr' | 'range' | 'interval'> {
  readonly variables?: Readonly<Record<string, readonly string[]>>;
}

async function ask(url: string, { expr, range, interval, variables = {} }: Question): Promise<Pick<Asked, 'ms' | 'isEmpty'>> {
  const query = interpolate(expr, { rangeSeconds: RANGE_SECONDS, toMs: NOW, variables });
  const step = interval === '1h' ? HOUR_MS : DAY_MS;
  const at = (ms: number): string => String((Math.floor(ms / step) * step) / 1000);
  const parameters = range === true ? { query, start: at(FROM), end: at(NOW), step: String(step / 1000) } : { query, time: String(NOW / 1000) };
  const startedMs = performance.now();
  const response = await fetch(`${url}/api/v1/query${range === true ? '_range' : ''}`, { method: 'POST', body: new URLSearchParams(parameters) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${text}\n${query}`);
  return { ms: performance.now() - startedMs, isEmpty: text.includes('"result":[]') };
}

/** What Grafana chooses where there is no All: the first value. */
async function chosen(url: string, { single }: Board): Promise<Record<string, readonly string[]>> {
  if (single === undefined) return {};
  const response = await fetch(`${url}/api/v1/label/${single}/values`);
  const { data } = z.object({ data: z.array(z.string()) }).parse(await response.json());
  return { [single]: data.slice(0, 1) };
}

/** All of a board's queries, as many at once as there are connections. */
async function open(url: string, targets: readonly (readonly [panel: string, target: Question])[]): Promise<Asked[]> {
  const waiting = [...targets];
  const answered: Asked[] = [];
  const connection = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [panel, target] = next;
      answered.push({ panel, expr: target.expr, ...(await ask(url, target)) });
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return answered;
}

/** One of Prometheus' figures about itself. */
async function own(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

/**
 * Until it has put together the blocks that were imported, as it has with what it scraped: it looks a minute after its start, and once it looks
 * again, the first time is over.
 */
async function compacted(url: string): Promise<number> {
  await waitFor('the blocks', async () => (await own(url, 'prometheus_tsdb_compactions_triggered_total')) > 1, {
    timeoutMs: COMPACTED_MS,
    everyMs: 500,
  });
  return own(url, 'prometheus_tsdb_blocks_loaded');
}

const HEADINGS = [
  '| board | requests | without an answer | characters, most | median | ms | CPU ms | slowest query | ms |',
  '| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |',
];

async function measure(url: string): Promise<void> {
  console.log(HEADINGS.join('\n'));
  for (const board of BOARDS.filter(({ id }) => values.board.includes(id))) {
    const variables = await chosen(url, board);
    const model = renderGrafana(board, { timeZone: 'UTC', weekStart: 'monday' });
    const targets = panelsOf(model).flatMap(({ title, targets = [] }) =>
      targets.map((target): [string, Question] => [title, { ...target, variables }]),
    );
    const lengths = targets.map(([, { expr }]) => expr.length).sort((a, b) => a - b);
    const times: number[] = [];
    const queries: Asked[] = [];
    const cpuBefore = await own(url, 'process_cpu_seconds_total');
    for (let round = 0; round < ROUNDS; round++) {
      const startedMs = performance.now();
      queries.push(...(await open(url, targets)));
      times.push(performance.now() - startedMs);
    }
    const cpuMs = (((await own(url, 'process_cpu_seconds_total')) - cpuBefore) * 1000) / ROUNDS;
    const [slowest] = queries.toSorted((a, b) => b.ms - a.ms);
    const empty = queries.filter(({ isEmpty }) => isEmpty).length / ROUNDS;
    const cells = [
      board.id,
      targets.length,
      empty,
      lengths.at(-1),
      median(lengths),
      median(times).toFixed(0),
      cpuMs.toFixed(0),
      slowest?.panel,
      slowest?.ms.toFixed(0),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  const plain = 'sum by (team) (ledgerline_cost_usd) - sum by (team) (ledgerline_cost_usd offset $__range)';
  const once = [await ask(url, { expr: plain }), await ask(url, { expr: plain }), await ask(url, { expr: plain })];
  console.log(`\nFor comparison, ${plain}: ${median(once.map(({ ms }) => ms)).toFixed(0)} ms`);
}

/** As scraped, at the ends of the days and when the range began. */
async function* history(reader: ReturnType<typeof openReader>): AsyncGenerator<Instant, void> {
  const options = { labels: { job: 'ledgerline', instance: 'bench' }, families: exposedFamilies(defaultConfig().exposition), version: 'bench' };
  const first = Math.floor(FROM / DAY_MS) * DAY_MS;
  yield* readHistory(reader, { ...options, fromMs: first, toMs: first, stepMs: STEP_MS });
  yield* readHistory(reader, { ...options, fromMs: FROM, toMs: FROM, stepMs: STEP_MS });
  yield* readHistory(reader, { ...options, fromMs: first + STEP_MS, toMs: Math.floor(NOW / DAY_MS) * DAY_MS, stepMs: STEP_MS });
}

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-grafana-'));
try {
  const file = join(folder, 'ledger.sqlite');
  fill(
    file,
    { people: users, days: days + 15, entries: users * (days + 15) * ENTRIES_A_DAY, endMs: NOW, peopleInTeam: USERS_IN_TEAM },
    () => undefined,
  );
  const reader = openReader({ file, ...CALENDAR });
  const backend = findBackend('promtool');
  if (backend.kind !== 'native') throw new Error('promtool is needed.');
  const scrape = exposition(reader, { nowMs: NOW });
  // Gauges that are expensive are read one scrape after the other.
  for (let round = 0; round < 5; round++) for await (const _ of scrape());
  const text = (await Array.fromAsync(scrape())).join('');
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const samples = series.filter((line) => !line.startsWith('claude_code_')).length;
  console.log(`${users} users, ${series.length} series, ${samples} without those of community boards; ${days} days\n`);
  const labeled = series.map((line) =>
    line.replace(
      /^(\w+)(?:\{(.*)\})? (\S+)$/,
      (_, name, labels = '', value) => `${name}{job="ledgerline",instance="bench"${labels === '' ? '' : `,${labels}`}} ${value}`,
    ),
  );
  const prometheus = await startPrometheus({
    config: { scrape_configs: [] },
    args: [`--storage.tsdb.retention.time=${values.retention}`],
    prepare: async (data) => {
      await createBlocks(history(reader), backend.path, join(data, 'data'), () => undefined);
      await importHistory(data, [{ timeMs: NOW, text: labeled.join('\n') }]);
    },
  });
  try {
    console.log(`${await compacted(prometheus.url)} blocks, retention ${values.retention}\n`);
    await measure(prometheus.url);
  } finally {
    await prometheus.stop();
    await reader.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
