/** What a scrape of 50,000 series takes, and what it and a board of such a ledger do to the exports that arrive meanwhile. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { type BesideOptions, benchBeside } from './beside.ts';
import { exposition } from './exposed.ts';
import { fill } from './fill.ts';
import { CALENDAR, ledgerFileIn } from './ledger-file.ts';
import { type Server, startServer } from './process.ts';
import { median, ms, type Report, whole } from './report.ts';

export interface ScrapeOptions extends BesideOptions {
  readonly series: number;
}

const SCRAPES = 7;
const SCRAPE_AIM_MS = 300;

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
  const readers = [
    { name: 'scrapes', read: () => scrape(server) },
    { name: 'a board', read: () => readBoard(server) },
  ];
  await benchBeside(server, readers, options, report);
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

async function readBoard({ ports }: Server): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${ports.api}/api/v1/boards/overview?period=this_month`);
  const text = await response.text();
  if (!response.ok) throw new Error(`The board answered ${response.status}: ${text.slice(0, 300)}`);
}
