/**
 * How much processor time each gauge takes to read on a large ledger (others may use the machine meanwhile): `node bin/node26.mjs test/bench/gauges.ts [--people N] [--days N] [--entries N] [--data DIR]`.
 * A data folder that is there already is read as it is. The last 30 days get most of the entries, since that is what the gauges ask about.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { configSchema } from '../../collector/config/config.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { GAUGE_READERS } from '../../collector/query/gauges/registry.ts';
import { fill } from './fill.ts';
import { CALENDAR, ledgerFileIn, readAt } from './ledger-file.ts';

const DAY_MS = 86_400_000;
const RECENT_DAYS = 30;
const RECENT_SHARE = 0.75;

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '10000' },
    days: { type: 'string', default: '400' },
    entries: { type: 'string', default: '6000000' },
    data: { type: 'string' },
    repeat: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
  },
});
const people = Number(values.people);
const days = Number(values.days);
const entries = Number(values.entries);
const isKept = values.data !== undefined;
const data = values.data ?? mkdtempSync(join(tmpdir(), 'ledgerline-gauges-'));
/** Friday evening, late in a month. */
const NOW = Date.parse('2026-11-20T17:00:00Z');

function fillOnce(): void {
  if (existsSync(ledgerFileIn(data))) return;
  mkdirSync(data, { recursive: true });
  const past = Math.max(0, days - RECENT_DAYS);
  const older = Math.round(entries * (1 - RECENT_SHARE));
  if (past > 0) fill(ledgerFileIn(data), { people, days: past, entries: older, endMs: NOW - RECENT_DAYS * DAY_MS }, () => undefined);
  const filled = fill(ledgerFileIn(data), { people, days: RECENT_DAYS, entries: entries - older, endMs: NOW }, () => undefined);
  console.log(`Filled: ${filled.entries} entries of the last ${RECENT_DAYS} days in ${filled.seconds.toFixed(0)} s.`);
}

async function measure(): Promise<void> {
  const teams = Array.from({ length: 200 }, (_, index) => ({ name: `team-${index}`, scope: { team: `team-${index}` }, amount_usd: '5000.00' }));
  const budgets = [
    ...teams,
    { name: 'each', per: 'user', amount_usd: '250.00' },
    { name: 'all', amount_usd: '900000.00', session_warning_usd: '20.00' },
  ];
  const config = configSchema.parse({ data, budgets });
  const reader = readAt(ledgerFileIn(data), NOW);
  const prices = loadPriceBook();
  console.log(`${people} people, ${days} days, ${entries} entries\n\n| gauge | CPU ms | samples | max age s |\n| --- | ---: | ---: | ---: |`);
  for (const [name, gauge] of Object.entries(GAUGE_READERS)) {
    if (!name.startsWith(values.only)) continue;
    const times: number[] = [];
    let samples = 0;
    for (let turn = 0; turn < Number(values.repeat); turn++) {
      // A context of its own each time: what gauges share within one context is not remembered.
      const context = { reader, scope: 'all' as const, config, prices, budgets: config.budgets, calendar: CALENDAR, nowMs: NOW, where: [] };
      const before = process.cpuUsage();
      samples = (await gauge.read(context)).length;
      const { user, system } = process.cpuUsage(before);
      times.push((user + system) / 1000);
    }
    const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
    console.log(`| ${name} | ${median.toFixed(1)} | ${samples} | ${gauge.maxAgeMs / 1000} |`);
  }
  await reader.close();
}

try {
  fillOnce();
  await measure();
} finally {
  if (!isKept) rmSync(data, { recursive: true });
}
