/**
 * Budgets at size: a thousand budgets over ten thousand users, evaluated together and one by one, and a developer's own question over
 * REST. `node bin/node26.mjs test/bench/budgets.ts [--people 10000] [--budgets 1000] [--days 30]` prints the tables of docs/budgets.md.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createApi } from '../../collector/api/api.ts';
import { evaluateBudgets } from '../../collector/budgets/evaluate.ts';
import type { Budget, BudgetWriter } from '../../collector/budgets/journal.ts';
import { BudgetWatch } from '../../collector/budgets/spend-watch.ts';
import { ROUTES } from '../../collector/catalog/names.ts';
import { budgetSchema } from '../../collector/config/budgets.ts';
import { type Config, configSchema } from '../../collector/config/config.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import type { LedgerReader } from '../../collector/ledger/ledger.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { listenHttp } from '../../collector/server/http-server.ts';
import { openAlertStore } from '../../collector/storage/sqlite/alert-store.ts';
import { openBudgetStore } from '../../collector/storage/sqlite/budget-store.ts';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { openWriter } from '../../collector/storage/sqlite/ledger-writer.ts';
import { QueryThread } from '../../collector/storage/sqlite/query-client.ts';
import { event } from '../support/entries.ts';
import { fill } from './fill.ts';
import { CALENDAR } from './ledger-file.ts';

const NOW = Date.parse('2026-11-20T15:07:00Z');
const { values } = parseArgs({
  options: { people: { type: 'string', default: '10000' }, budgets: { type: 'string', default: '1000' }, days: { type: 'string', default: '30' } },
});
const [people, count, days] = [Number(values.people), Number(values.budgets), Number(values.days)];
const TIMES = 7;
const ONE_BY_ONE = 50;
const ASK_MS = 30_000;

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-budgets-'));
try {
  const file = join(folder, 'ledger.sqlite');
  mkdirSync(folder, { recursive: true });
  const filled = fill(file, { people, days, entries: people * days * 5, endMs: NOW }, () => undefined);
  const reader = openReader({ file, ...CALENDAR });
  console.log(`${filled.entries} entries of ${people} users on ${days} days; ${cpus()[0]?.model}, Node ${process.version}.\n`);
  await compare(reader);
  await askMine(file, reader);
  await reader.close();
} finally {
  rmSync(folder, { recursive: true });
}

async function month(by: 'team' | 'user', reader: LedgerReader): Promise<string[]> {
  const query = { measures: ['cost'], by: [by], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 1e6 } as const;
  const { rows } = await reader.query(query);
  return rows.map(({ key }) => key[0] ?? '').filter((value) => value !== '');
}

/** Of teams, of users and of models, in three periods and two zones: what an organization would have, and more. */
async function budgetsOf(reader: LedgerReader): Promise<{ name: string; budgets: Budget[] }[]> {
  const [teams, users] = [await month('team', reader), await month('user', reader)];
  const budget = (index: number, given: object): Budget => budgetSchema.parse({ name: `b${index}`, amount_usd: '100.00', ...given });
  const of = (list: readonly string[], index: number): string => list[index % list.length] ?? '';
  const all = (make: (index: number) => object): Budget[] => Array.from({ length: count }, (_, index) => budget(index, make(index)));
  const period = (index: number): string => of(['month', 'week', 'day'], index);
  return [
    { name: `${count} of users, by the month`, budgets: all((index) => ({ scope: { user: of(users, index) } })) },
    {
      name: `${count} of teams, users and both, by month, week and day`,
      budgets: all((index) => ({
        period: period(index),
        scope: of(['t', 'u', 'b'], Math.floor(index / 3)) === 't' ? { team: of(teams, index) } : { user: of(users, index) },
      })),
    },
    { name: `1 for each of ${users.length} users`, budgets: [budget(0, { per: 'user' })] },
    { name: `${count} of teams in another zone`, budgets: all((index) => ({ scope: { team: of(teams, index) }, time_zone: 'Asia/Kathmandu' })) },
  ];
}

async function compare(reader: LedgerReader): Promise<void> {
  const context = { reader, calendar: CALENDAR, nowMs: NOW };
  console.log('| budgets | statuses | together, ms | with forecast, ms | one query for each, ms |\n| --- | ---: | ---: | ---: | ---: |');
  for (const { name, budgets } of await budgetsOf(reader)) {
    const together = await median(TIMES, () => evaluateBudgets(budgets, context));
    const forecast = await median(3, () => evaluateBudgets(budgets, { ...context, withForecast: true }));
    const some = budgets.slice(0, ONE_BY_ONE);
    const oneByOne = async (): Promise<void> => {
      for (const budget of some) await evaluateBudgets([budget], context);
    };
    const each = (await median(1, oneByOne)) * (budgets.length / some.length);
    const { length } = await evaluateBudgets(budgets, context);
    console.log(`| ${name} | ${length} | ${together.toFixed(0)} | ${forecast.toFixed(0)} | ${each.toFixed(0)} |`);
  }
}

async function median(times: number, run: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let round = 0; round < times; round++) {
    const startedMs = performance.now();
    await run();
    took.push(performance.now() - startedMs);
  }
  return took.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? 0;
}

interface Asked {
  readonly tookMs: number;
  /** Of it, what this thread, which asks and answers, was at work: without waiting for a core that others hold. */
  readonly busyMs: number;
  readonly readAt: string;
}

/** A developer's question while others write, the spend is read again and again, and the journal of budgets changes. */
async function askMine(file: string, reader: LedgerReader): Promise<void> {
  const users = await month('user', reader);
  const config = configSchema.parse({
    budgets: [...personal((await month('team', reader))[0] ?? ''), ...((await budgetsOf(reader))[1]?.budgets ?? [])],
  });
  const budgets = openBudgetStore(join(folder, 'budgets.sqlite'));
  const writer = await openWriter({ file, ...CALENDAR });
  const elsewhere = new QueryThread({ file, ...CALENDAR });
  const started = performance.now();
  const now = (): number => NOW + Math.round(performance.now() - started);
  const watch = new BudgetWatch({ reader, config, budgets, now, elsewhere, log: () => undefined });
  await watch.start();
  const startMs = performance.now() - started;
  const api = await listenHttp(apiOf(reader, config, budgets, watch, now), {
    host: '127.0.0.1',
    port: 0,
    key: 'server.api_port',
    flag: '--api-port',
  });
  const ask = async (index: number): Promise<Asked> => {
    const [startedMs, cpu] = [performance.now(), process.threadCpuUsage()];
    const answer = await fetch(`http://127.0.0.1:${api.port}${ROUTES.myBudget}?user=${encodeURIComponent(users[(index * 7) % users.length] ?? '')}`);
    const body = (await answer.json()) as { evaluated_at: string; as_of: string }; // the answer of our own API
    const { user, system } = process.threadCpuUsage(cpu);
    return { tookMs: performance.now() - startedMs, busyMs: (user + system) / 1000, readAt: body.as_of };
  };
  const asked: Asked[] = [];
  const endMs = performance.now() + ASK_MS;
  for (let index = 0; performance.now() < endMs; index++) {
    asked.push(await ask(index));
    if (index % 20 === 0) await writer.append({ entries: [spend(index, users, now())], receivedMs: now() });
    if (index === 300)
      await budgets.raise({ key: 'everyone', amount: 1n, fromMs: now(), untilMs: now() + 1e9, why: 'bench' }, { who: 'bench', atMs: now() });
    if (index === 600)
      await budgets.set(budgetSchema.parse({ name: 'year', per: 'user', period: 'year', amount_usd: '1000' }), { who: 'bench', atMs: now() });
    await delay(5);
  }
  await api.close();
  await watch.stop();
  await elsewhere.close();
  await writer.close();
  await budgets.close();
  const sorted = asked.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  console.log(
    `\n| GET /api/v1/me/budget, ${users.length} users, ${config.budgets.length} budgets | before the port opens | first | p50 | p99 | slowest | slowest, at work |`,
  );
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: |');
  console.log(
    `| ms | ${startMs.toFixed(0)} | ${asked[0]?.tookMs.toFixed(1)} | ${at(0.5)} | ${at(0.99)} | ${at(1)} | ${Math.max(...asked.map(({ busyMs }) => busyMs)).toFixed(1)} |`,
  );
  console.log(
    `\n${asked.length} questions in ${ASK_MS / 1000} s; the spend was read ${new Set(asked.map(({ readAt }) => readAt)).size} times meanwhile.`,
  );
}

function personal(team: string): object[] {
  return [
    { name: 'everyone', amount_usd: '100000' },
    { name: 'each', per: 'user', amount_usd: '100' },
    { name: 'team', scope: { team }, per: 'user', period: 'day', amount_usd: '10' },
  ];
}

function spend(index: number, users: readonly string[], timeMs: number): Entry {
  return event({ id: `bench-${index}`, sessionId: `bench-${index}`, cost: '0.01', user: users[index % users.length] ?? '', timeMs });
}

function apiOf(reader: LedgerReader, config: Config, budgets: BudgetWriter, watch: BudgetWatch, now: () => number) {
  const alerts = openAlertStore(join(folder, 'budgets.sqlite'));
  return createApi({
    reader,
    config,
    budgets,
    watch,
    alerts,
    prices: loadPriceBook(),
    now,
    selfText: async () => '',
    refusals: async () => [],
    log: () => undefined,
  });
}
