/**
 * For how long the reading thread is taken at a time, in processor time (others may use the machine meanwhile): the longest turns of a
 * scrape and of the gauges, and of each board, on a ledger that `test/bench/gauges.ts --data DIR` has filled:
 * `node bin/node26.mjs test/bench/time-ranges.ts --data DIR [--budgets]`.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { configSchema } from '../../collector/config/config.ts';
import { periodAround } from '../../collector/core/time-range.ts';
import { createLedgerText } from '../../collector/exposition/ledger-text.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { panelsOf, readPanels } from '../../collector/query/boards/answer.ts';
import { BoardQuery } from '../../collector/query/boards/board-query.ts';
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

interface Turn {
  readonly name: string;
  /** Processor time, ms. */
  readonly took: number;
}

/** What each turn of this thread takes while the work is done; `nameOf` is asked at its end. */
async function turnsOf(work: () => Promise<unknown>, nameOf: (turn: number) => string): Promise<Turn[]> {
  const turns: Turn[] = [];
  let before = process.cpuUsage();
  let isDone = false;
  const count = (): void => {
    const { user, system } = process.cpuUsage(before);
    turns.push({ name: nameOf(turns.length), took: (user + system) / 1000 });
    before = process.cpuUsage();
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await work();
  isDone = true;
  await nextTurn();
  return turns;
}

const ms = (value: number): string => value.toFixed(0);

const sum = (turns: readonly Turn[]): number => turns.reduce((total, { took }) => total + took, 0);

async function scrapes(): Promise<void> {
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
  const text = createLedgerText({ reader, config, prices, now: () => nowMs, budgets: async () => config.budgets, version: '0', gauges: named });
  for (const title of ['first scrape', 'scrape a minute later', 'scrape 15 seconds later']) {
    let kilobytes = 0;
    const scrape = async (): Promise<void> => {
      for await (const chunk of text()) {
        kilobytes += chunk.length / 1000;
        await nextTurn();
      }
    };
    const turns = await turnsOf(scrape, (turn) => {
      const name = inGauge || `turn ${turn}`;
      inGauge = '';
      return name;
    });
    const longest = turns.toSorted((a, b) => b.took - a.took).slice(0, SHOWN);
    console.log(`\n${title}: ${ms(sum(turns))} ms in ${turns.length} turns, ${ms(kilobytes)} kB. The longest:`);
    for (const { name, took } of longest) console.log(`  ${ms(took).padStart(5)} ms  ${name}`);
    nowMs += title === 'first scrape' ? MINUTE_MS : MINUTE_MS / 4;
  }
}

async function boards(): Promise<void> {
  console.log('\n| board | first, ms | longest turn, ms | again, ms | longest turn, ms |');
  console.log('| --- | ---: | ---: | ---: | ---: |');
  const gauges = new GaugeCache(() => performance.now());
  const source = { reader, scope: 'all' as const, config, prices, budgets: config.budgets, selfText: '', gauges };
  const timeRange = periodAround('month', NOW, CALENDAR);
  const asked = new BoardQuery({ timeRange, where: [], calendar: CALENDAR, nowMs: NOW, rowsMax: config.limits.query_rows });
  for (const board of BOARDS) {
    const panels = panelsOf(board);
    /** As answer.ts does it. */
    const answer = async (): Promise<void> => {
      const answers = await readPanels(panels, asked, source);
      for (const panel of panels) {
        evaluatePanel(panel, board.id, answers);
        await nextTurn();
      }
    };
    const cells: string[] = [];
    for (let round = 0; round < 2; round++) {
      const turns = await turnsOf(answer, String);
      cells.push(ms(sum(turns)), ms(Math.max(...turns.map(({ took }) => took))));
    }
    console.log(`| ${board.id} | ${cells.join(' | ')} |`);
  }
}

try {
  await scrapes();
  await boards();
} finally {
  await reader.close();
}
