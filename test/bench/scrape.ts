/** What a scrape of 50,000 series takes, and what it does to the exports that arrive meanwhile. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { Bodies } from './bodies.ts';
import { exposition } from './exposed.ts';
import { fill } from './fill.ts';
import { LANES } from './ingest.ts';
import { CALENDAR, ledgerFileIn } from './ledger-file.ts';
import type { LoadResult } from './load.ts';
import { measure } from './measure.ts';
import { type Server, startServer } from './process.ts';
import { median, ms, type Report, ratio, whole } from './report.ts';

export interface ScrapeOptions {
  readonly folder: string;
  readonly nowMs: number;
  readonly seconds: number;
  readonly repeats: number;
  readonly series: number;
}

const SCRAPES = 7;
const SCRAPE_EVERY_MS = 2_000;
/** Exports per second while scraping: what some 1,400 active developers send. */
const RATE = 300;
const WARM_MS = 2_000;
const SCRAPE_AIM_MS = 300;
const P99_AIM = 1.1;
/** The exports that arrive meanwhile come from few people, so that the number of series stays what it is. */
const SENDERS = 60;

export async function benchScrape(options: ScrapeOptions, report: Report): Promise<void> {
  const data = join(options.folder, 'scrape');
  mkdirSync(data);
  const people = await fillUntil(ledgerFileIn(data), options, report);
  const server = await startServer('ledger', data);
  const scrapes: Scrape[] = [];
  for (let index = 0; index <= SCRAPES; index++) scrapes.push(await scrape(server));
  // The first one compiles.
  scrapes.shift();
  const took = median(scrapes.map((one) => one.tookMs));
  const { series, bytes } = scrapes.at(-1) ?? (await scrape(server));
  report.table(
    `A scrape of ${whole(series)} series`,
    ['', 'median', 'fastest', 'slowest'],
    [
      [
        `ms, over ${SCRAPES} scrapes (${(bytes / 1e6).toFixed(1)} MB, ${whole(people)} people)`,
        ms(took),
        ...extremes(scrapes.map((one) => one.tookMs)),
      ],
    ],
  );
  report.aim({
    name: `scrape of ${whole(series)} series`,
    aim: `under ${SCRAPE_AIM_MS} ms`,
    measured: `${ms(took)} ms`,
    isMet: took < SCRAPE_AIM_MS,
  });
  await benchBeside(server, options, report);
  await server.stop();
}

const extremes = (values: readonly number[]): [string, string] => [ms(Math.min(...values)), ms(Math.max(...values))];

/** Adds people until there are enough series. Resolves to how many people that took. */
async function fillUntil(file: string, { nowMs, series }: ScrapeOptions, report: Report): Promise<number> {
  for (let people = Math.ceil(series / 200); ; ) {
    fill(file, { people, days: 30, entries: people * 600, endMs: nowMs }, () => undefined);
    const reader = openReader({ file, ...CALENDAR });
    const text = (await Array.fromAsync(exposition(reader, { nowMs })())).join('');
    await reader.close();
    const exposed = samplesIn(text);
    report.say(`${whole(people)} people make ${whole(exposed)} series`);
    if (exposed >= series) return people;
    people = Math.ceil((people * series * 1.01) / exposed);
  }
}

interface Scrape {
  readonly tookMs: number;
  readonly bytes: number;
  readonly series: number;
}

async function scrape({ ports }: Server): Promise<Scrape> {
  const startedMs = performance.now();
  const response = await fetch(`http://127.0.0.1:${ports.metrics}/metrics`);
  const text = await response.text();
  const tookMs = performance.now() - startedMs;
  if (!response.ok) throw new Error(`/metrics answered ${response.status}: ${text.slice(0, 300)}`);
  return { tookMs, bytes: text.length, series: samplesIn(text) };
}

const samplesIn = (text: string): number => text.match(/^[^#\n]/gm)?.length ?? 0;

/** The same rate with and without scrapes, in turns. */
async function benchBeside(server: Server, { folder, seconds, repeats, nowMs }: ScrapeOptions, report: Report): Promise<void> {
  const bodies = new Bodies(SENDERS, nowMs);
  const file = join(folder, 'bodies');
  const load = { file, transport: 'http', encoding: 'protobuf', gzip: false, lanes: LANES, rate: RATE, measureMs: seconds * 1000 } as const;
  const turn = async (isScraped: boolean): Promise<LoadResult> => {
    await bodies.write({ ...load, load: 'live', signals: ['logs'], count: Math.ceil((RATE * (WARM_MS + load.measureMs)) / 1000) });
    const stop = new AbortController();
    const scraping = isScraped ? scrapeEvery(server, stop.signal) : Promise.resolve(0);
    const result = await measure(server, { ...load, warmMs: WARM_MS });
    stop.abort();
    report.say(`${RATE} exports/s ${isScraped ? `with ${await scraping} scrapes` : 'without scrapes'}: p99 ${ms(result.p99Ms)} ms`);
    return result;
  };
  await turn(false);
  const without: LoadResult[] = [];
  const beside: LoadResult[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const isFirst = repeat % 2 === 0;
    if (isFirst) without.push(await turn(false));
    beside.push(await turn(true));
    if (!isFirst) without.push(await turn(false));
  }
  const row = (name: string, results: readonly LoadResult[]): string[] => [
    name,
    ...(['p50Ms', 'p99Ms', 'maxMs'] as const).map((key) => ms(median(results.map((result) => result[key])))),
  ];
  report.table(
    `Latency of logs at ${RATE} exports/s, with and without scrapes`,
    ['ms', 'p50', 'p99', 'max'],
    [row('no scrape', without), row(`a scrape every ${SCRAPE_EVERY_MS / 1000} s`, beside)],
  );
  const share = median(beside.map((result, index) => result.p99Ms / (without[index]?.p99Ms ?? result.p99Ms)));
  const aim = `under ${ratio(P99_AIM)}`;
  report.aim({ name: 'ingest p99 with scrapes over without', aim, measured: ratio(share), isMet: share < P99_AIM });
}

async function scrapeEvery(server: Server, signal: AbortSignal): Promise<number> {
  for (let scrapes = 0; ; scrapes++) {
    await wait(SCRAPE_EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return scrapes;
    await scrape(server);
  }
}
