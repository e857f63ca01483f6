/**
 * Back-test of the forecast on the demo's organization: at several moments of every month, what was forecast for its end from what was
 * known then, against what it became. `node bin/node26.mjs test/bench/forecast.ts [--days 260] [--people 40] [--seeds a,b]` prints the
 * table of docs/budgets.md.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { forecastAll } from '../../collector/budgets/forecast-scopes.ts';
import type { Filter } from '../../collector/catalog/values.ts';
import { configSchema } from '../../collector/config/config.ts';
import { periodAround } from '../../collector/core/time-range.ts';
import type { LedgerReader, Query } from '../../collector/ledger/ledger.ts';
import { readSpend } from '../../collector/ledger/scoped-spend.ts';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { openWriter } from '../../collector/storage/sqlite/ledger-writer.ts';
import { createDemoFeed } from '../support/demo-feed.ts';
import { CALENDAR } from './ledger-file.ts';

const END = Date.parse('2026-11-01T00:00:00Z');
const DAY_MS = 86_400_000;
const MOMENTS = [5, 10, 15, 20, 25];
const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '40' },
    days: { type: 'string', default: '260' },
    seeds: { type: 'string', default: 'ledgerline,second,third' },
  },
});

interface Sample {
  readonly scope: string;
  readonly day: number;
  readonly actual: number;
  readonly p50: number;
  readonly p90: number;
  /** Without weekdays: what was spent, in proportion to the days. */
  readonly linear: number;
}

async function samplesOf(seed: string): Promise<Sample[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerline-forecast-'));
  try {
    const file = join(folder, 'ledger.sqlite');
    const writer = await openWriter({ file, ...CALENDAR });
    const fromMs = END - Number(values.days) * DAY_MS;
    await createDemoFeed({ config: configSchema.parse({}), ledger: writer, people: Number(values.people), fromMs, seed }).sendUntil(END);
    await writer.close();
    const reader = openReader({ file, ...CALENDAR });
    const samples: Sample[] = [];
    for (const monthMs of months(fromMs)) for (const day of MOMENTS) samples.push(...(await samplesAt(reader, monthMs, day)));
    await reader.close();
    return samples;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Whole months with eight weeks of history. */
function months(fromMs: number): number[] {
  const starts: number[] = [];
  for (let month = periodAround('month', fromMs + 56 * DAY_MS, CALENDAR, 1); month.toMs <= END; month = periodAround('month', month.toMs, CALENDAR)) {
    starts.push(month.fromMs);
  }
  return starts;
}

/** A ledger as it was: nothing after the instant is seen. */
const asItWas = (reader: LedgerReader, nowMs: number): Pick<LedgerReader, 'query'> => ({
  query: (query: Query) => reader.query({ ...query, toMs: Math.min(query.toMs ?? nowMs, nowMs) }),
});

async function samplesAt(reader: LedgerReader, monthMs: number, day: number): Promise<Sample[]> {
  const month = periodAround('month', monthMs, CALENDAR);
  const nowMs = monthMs + (day - 1) * DAY_MS + 12 * 3_600_000;
  const membersOf = async (per: 'team' | 'user'): Promise<string[]> => {
    const { spends } = await readSpend([{ timeRange: month, where: [], measures: ['cost'], per }], { reader, calendar: CALENDAR });
    return [...(spends[0]?.members.keys() ?? [])];
  };
  const [teams, users] = [await membersOf('team'), await membersOf('user')];
  const scopes: { scope: string; where: Filter[] }[] = [
    { scope: 'everything', where: [] },
    ...teams.map((team) => ({ scope: 'a team', where: [{ dimension: 'team' as const, values: [team] }] })),
    ...users.map((user) => ({ scope: 'a user', where: [{ dimension: 'user' as const, values: [user] }] })),
  ];
  const then = asItWas(reader, nowMs);
  const requests = scopes.map(({ where }) => ({ timeRange: month, where, measures: ['cost'] as const }));
  const { spends: known } = await readSpend(requests, { reader: then, calendar: CALENDAR });
  const { spends: became } = await readSpend(requests, { reader, calendar: CALENDAR });
  const forecasts = await forecastAll(
    scopes.map(({ where }, index) => ({ where, measures: ['cost'], calendar: CALENDAR, toMs: month.toMs, spent: known[index]?.total ?? 0n })),
    { reader: then, calendar: CALENDAR, nowMs },
  );
  return scopes.flatMap(({ scope }, index): Sample[] => {
    const forecast = forecasts[index];
    const actual = Number(became[index]?.total ?? 0n) / 1e12;
    if (forecast?.kind !== 'band' || actual === 0) return [];
    const linear = (Number(known[index]?.total ?? 0n) / 1e12 / (nowMs - month.fromMs)) * (month.toMs - month.fromMs);
    return [{ scope, day, actual, p50: Number(forecast.p50) / 1e12, p90: Number(forecast.p90) / 1e12, linear }];
  });
}

const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;

const samples = (await Promise.all(values.seeds.split(',').map(samplesOf))).flat();
console.log(
  '| scope | day of the month | forecasts | p50: half are nearer than | p50: bias | below p90 | in proportion to days: half are nearer than |',
);
console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: |');
for (const scope of ['everything', 'a team', 'a user']) {
  for (const day of MOMENTS) {
    const own = samples.filter((sample) => sample.scope === scope && sample.day === day);
    const error = (of: (sample: Sample) => number) => median(own.map((sample) => Math.abs(of(sample) - sample.actual) / sample.actual));
    const bias = own.reduce((sum, { p50, actual }) => sum + p50 - actual, 0) / own.reduce((sum, { actual }) => sum + actual, 0);
    const below = own.filter(({ p90, actual }) => actual <= p90).length / own.length;
    console.log(
      `| ${scope} | ${day} | ${own.length} | ${percent(error(({ p50 }) => p50))} | ${bias >= 0 ? '+' : ''}${percent(bias)} | ${percent(below)} | ${percent(error(({ linear }) => linear))} |`,
    );
  }
}
