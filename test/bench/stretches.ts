/**
 * For how long the reading thread is taken at a time, in processor time (others may use the machine meanwhile): the longest stretches of a
 * scrape and of the gauges, and each board, on a ledger that `test/bench/gauges.ts --data DIR` has filled:
 * `node bin/node26.mjs test/bench/stretches.ts --data DIR [--budgets]`.
 */
import { parseArgs } from 'node:util';
import { configSchema } from '../../collector/config/config.ts';
import { periodAround } from '../../collector/core/time-range.ts';
import { createLedgerText } from '../../collector/exposition/ledger-text.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { Ask } from '../../collector/query/boards/board-query.ts';
import { evaluatePanel } from '../../collector/query/boards/evaluate.ts';
import { GaugeCache } from '../../collector/query/gauges/cache.ts';
import type { Gauge } from '../../collector/query/gauges/gauge.ts';
import { GAUGE_READERS } from '../../collector/query/gauges/registry.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { CALENDAR, ledgerFileIn, readAt } from './ledger-file.ts';

/** Friday evening, late in a month, as in gauges.ts. */
const NOW = Date.parse('2026-11-20T17:00:00Z');
const SHOWN = 12;
const MINUTE_MS = 60_000;

const { values } = parseArgs({ options: { data: { type: 'string' }, budgets: { type: 'boolean', default: false } } });
if (values.data === undefined) throw new Error('Name a data folder: --data DIR.');

const teams = Array.from({ length: 200 }, (_, index) => ({ name: `team-${index}`, scope: { team: `team-${index}` }, amount_usd: '5000.00' }));
const budgets = values.budgets ? [...teams, { name: 'each', per: 'user', amount_usd: '250.00' }, { name: 'all', amount_usd: '900000.00' }] : [];
const config = configSchema.parse({ data: values.data, budgets, limits: { query_rows: 100_000 } });
const reader = readAt(ledgerFileIn(values.data), NOW);
const prices = loadPriceBook();

function cpuMs<Result>(work: () => Result): [Result, number] {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1000];
}

const ms = (value: number): string => value.toFixed(0);

function scrapes(): void {
  let nowMs = NOW;
  let inGauge = '';
  const named = Object.entries<Gauge>(GAUGE_READERS).map(
    ([name, gauge]): Gauge => ({
      ...gauge,
      read: (context) => {
        inGauge = name;
        return gauge.read(context);
      },
    }),
  );
  const text = createLedgerText({ reader, config, prices, now: () => nowMs, budgets: () => config.budgets, version: '0', gauges: named });
  for (const title of ['first scrape', 'scrape a minute later', 'scrape 15 seconds later']) {
    const stretches: { name: string; took: number }[] = [];
    let kilobytes = 0;
    const steps = text()[Symbol.iterator]();
    for (let step = 0; ; step++) {
      inGauge = '';
      const [next, took] = cpuMs(() => steps.next());
      if (next.done === true) break;
      kilobytes += next.value.length / 1000;
      stretches.push({ name: inGauge || `step ${step}`, took });
    }
    const total = stretches.reduce((sum, { took }) => sum + took, 0);
    const longest = stretches.toSorted((a, b) => b.took - a.took).slice(0, SHOWN);
    console.log(`\n${title}: ${ms(total)} ms in ${stretches.length} stretches, ${ms(kilobytes)} kB. The longest:`);
    for (const { name, took } of longest) console.log(`  ${ms(took).padStart(5)} ms  ${name}`);
    nowMs += title === 'first scrape' ? MINUTE_MS : MINUTE_MS / 4;
  }
}

function boards(): void {
  console.log('\n| board | first, ms | longest stretch, ms | again, ms | longest stretch, ms | dearest panels at first |');
  console.log('| --- | ---: | ---: | ---: | ---: | --- |');
  const gauges = new GaugeCache(() => performance.now());
  const context = { reader, config, prices, budgets: config.budgets, calendar: CALENDAR, nowMs: NOW, where: [] };
  for (const board of BOARDS) {
    const panels = board.rows.flatMap((row) => row.panels);
    /** As boards.ts answers it, with what each part took. */
    const answer = (): { id: string; took: number }[] => {
      const ask = new Ask({ ...context, span: periodAround('month', NOW, CALENDAR), selfText: '', gauges });
      const rows = ask.gather(() => panels.map((panel) => evaluatePanel(panel, board.id, ask)))[Symbol.iterator]();
      const parts: { id: string; took: number }[] = [];
      for (let isDone = false; !isDone; ) {
        const [next, took] = cpuMs(() => rows.next());
        isDone = next.done === true;
        parts.push({ id: 'rows of the ledger', took });
      }
      return [...parts, ...panels.map((panel) => ({ id: panel.id, took: cpuMs(() => evaluatePanel(panel, board.id, ask))[1] }))];
    };
    const [first, again] = [answer(), answer()];
    const sum = (parts: typeof first): string => ms(parts.reduce((total, { took }) => total + took, 0));
    const longest = (parts: typeof first): string => ms(Math.max(...parts.map(({ took }) => took)));
    const dear = first.filter(({ id }) => id !== 'rows of the ledger').sort((a, b) => b.took - a.took);
    const words = dear.slice(0, 3).map(({ id, took }) => `${id} ${ms(took)}`);
    console.log(`| ${board.id} | ${sum(first)} | ${longest(first)} | ${sum(again)} | ${longest(again)} | ${words.join(', ')} |`);
  }
}

try {
  scrapes();
  boards();
} finally {
  reader.close();
}
