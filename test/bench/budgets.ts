/**
 * Budgets at size: a thousand budgets over ten thousand users, evaluated together and one by one, and a developer's own question over
 * REST. `node bin/node26.mjs test/bench/budgets.ts [--people 10000] [--budgets 1000] [--days 30]` prints the tables of docs/budgets.md.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluateBudgets } from '../../collector/budget.ts';
import type { Budget } from '../../collector/budget-book.ts';
import { budgetSchema } from '../../collector/budget-config.ts';
import { configSchema } from '../../collector/config.ts';
import { createApi, listenApi } from '../../collector/http/api.ts';
import type { LedgerReader } from '../../collector/ledger.ts';
import { loadPriceBook } from '../../collector/prices/load.ts';
import { openBudgetStore } from '../../collector/sqlite/budget-store.ts';
import { DeliveryStore } from '../../collector/sqlite/delivery-store.ts';
import { openReader } from '../../collector/sqlite/reader.ts';
import { fill } from './fill.ts';
import { CALENDAR } from './ledger-file.ts';

const NOW = Date.parse('2026-11-20T15:07:00Z');
const { values } = parseArgs({
  options: { people: { type: 'string', default: '10000' }, budgets: { type: 'string', default: '1000' }, days: { type: 'string', default: '30' } },
});
const [people, count, days] = [Number(values.people), Number(values.budgets), Number(values.days)];
const TIMES = 7;
const ONE_BY_ONE = 50;

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-budgets-'));
try {
  const file = join(folder, 'ledger.sqlite');
  mkdirSync(folder, { recursive: true });
  const filled = fill(file, { people, days, entries: people * days * 5, endMs: NOW }, () => undefined);
  const reader = openReader({ file, ...CALENDAR });
  console.log(`${filled.entries} entries of ${people} users on ${days} days; ${cpus()[0]?.model}, Node ${process.version}.\n`);
  compare(reader);
  await askMine(reader);
  reader.close();
} finally {
  rmSync(folder, { recursive: true });
}

function month(by: 'team' | 'user', reader: LedgerReader): string[] {
  const query = { measures: ['cost'], by: [by], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 1e6 } as const;
  return reader
    .query(query)
    .rows.map(({ key }) => key[0] ?? '')
    .filter((value) => value !== '');
}

/** Of teams, of users and of models, in three periods and two zones: what an organisation would have, and more. */
function budgetsOf(reader: LedgerReader): { name: string; budgets: Budget[] }[] {
  const [teams, users] = [month('team', reader), month('user', reader)];
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

function compare(reader: LedgerReader): void {
  const context = { reader, calendar: CALENDAR, nowMs: NOW };
  console.log('| budgets | statuses | together, ms | with forecast, ms | one query for each, ms |\n| --- | ---: | ---: | ---: | ---: |');
  for (const { name, budgets } of budgetsOf(reader)) {
    const together = median(TIMES, () => void evaluateBudgets(budgets, context));
    const forecast = median(3, () => void evaluateBudgets(budgets, { ...context, withForecast: true }));
    const some = budgets.slice(0, ONE_BY_ONE);
    const each = median(1, () => void some.map((budget) => evaluateBudgets([budget], context))) * (budgets.length / some.length);
    console.log(`| ${name} | ${evaluateBudgets(budgets, context).length} | ${together.toFixed(0)} | ${forecast.toFixed(0)} | ${each.toFixed(0)} |`);
  }
}

function median(times: number, run: () => void): number {
  const took = Array.from({ length: times }, () => {
    const startedMs = performance.now();
    run();
    return performance.now() - startedMs;
  });
  return took.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? 0;
}

async function askMine(reader: LedgerReader): Promise<void> {
  const users = month('user', reader);
  const team = month('team', reader)[0] ?? '';
  const config = configSchema.parse({
    budgets: [
      { name: 'everyone', amount_usd: '100000' },
      { name: 'each', per: 'user', amount_usd: '100' },
      { name: 'team', scope: { team }, per: 'user', period: 'day', amount_usd: '10' },
    ],
  });
  const budgets = openBudgetStore(join(folder, 'budgets.sqlite'));
  const started = performance.now();
  const now = (): number => NOW + Math.round(performance.now() - started);
  const readiness = () => ({ ready: true, detail: '' });
  const app = createApi({
    reader,
    config,
    budgets,
    alerts: new DeliveryStore(budgets.database),
    prices: loadPriceBook(),
    now,
    readiness,
    selfText: async () => '',
  });
  const api = await listenApi(app, '127.0.0.1', 0);
  const took: number[] = [];
  for (let index = 0; index < 2000; index++) {
    const startedMs = performance.now();
    const answer = await fetch(`http://127.0.0.1:${api.port}/api/v1/me/budget?user=${encodeURIComponent(users[(index * 7) % users.length] ?? '')}`);
    await answer.text();
    took.push(performance.now() - startedMs);
  }
  await api.close();
  budgets.close();
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  console.log(`\n| GET /api/v1/me/budget, ${users.length} users | first | p50 | p99 | slowest |\n| --- | ---: | ---: | ---: | ---: |`);
  console.log(`| ms | ${took[0]?.toFixed(1)} | ${at(0.5)} | ${at(0.99)} | ${at(1)} |`);
}
