/**
 * How many series the demo's organization makes on /metrics at several sizes, and how long a scrape of it takes:
 * node bin/node26.mjs test/bench/series.ts [people:days …]. The tables of docs/metrics.md come from here.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAMILIES, FAMILY_NAMES, type FamilyName, familySeries, periodSeries } from '../../collector/catalog/series-families.ts';
import { configSchema } from '../../collector/config/config.ts';
import { organization, type Person } from '../../collector/demo/people.ts';
import { ORGANIZATION_ID } from '../../collector/demo/process.ts';
import type { LedgerReader } from '../../collector/ledger/ledger.ts';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { openWriter } from '../../collector/storage/sqlite/ledger-writer.ts';
import { createDemoFeed } from '../support/demo-feed.ts';
import { type ExposedOptions, exposition } from './exposed.ts';
import { CALENDAR } from './ledger-file.ts';
import { median } from './report.ts';

const SEED = 'ledgerline';
const DAY_MS = 86_400_000;
/** Early in a month, so that few days reach into the month before. */
const END_MS = Date.parse('2026-11-03T16:00:00Z');
const PEOPLE_IN_TEAM = 12;
const PEOPLE_AT_ONCE = 250;
const SCRAPES = 5;
const SIZES = ['100:60', '1000:20', '10000:5'];

/** The demo's people in teams of twelve, each team with two repositories of its own. */
function teams(people: number): Person[] {
  return organization(SEED, people).map((person) => {
    const team = `team-${Math.floor(person.index / PEOPLE_IN_TEAM)}`;
    return { ...person, team: person.team === '' ? '' : team, repositories: [`acme/${team}-api`, `acme/${team}-web`] };
  });
}

async function fill(file: string, people: number, days: number): Promise<void> {
  const writer = await openWriter({ file, ...CALENDAR });
  // As an operator sets it up: what names no organization belongs to the one there is.
  const config = configSchema.parse({ organization: ORGANIZATION_ID });
  const everyone = teams(people);
  for (let at = 0; at < everyone.length; at += PEOPLE_AT_ONCE) {
    const group = everyone.slice(at, at + PEOPLE_AT_ONCE);
    const feed = createDemoFeed({ config, ledger: writer, people, everyone: group, seed: SEED, fromMs: END_MS - days * DAY_MS });
    for (let back = days - 1; back >= 0; back--) await feed.sendUntil(END_MS - back * DAY_MS);
    console.error(`${people} people: ${at + group.length} have sent`);
  }
  await writer.close();
}

type Group = FamilyName | 'community' | 'gauges and budgets' | 'the exposition itself';

const FAMILY_OF = new Map<string, FamilyName>(
  FAMILY_NAMES.flatMap((family) => [
    ...familySeries(family).map(({ name }) => [name, family] as const),
    ...(FAMILIES[family].periods.length > 0 ? [[periodSeries(family), family] as const] : []),
  ]),
);

function groupOf(name: string): Group {
  if (name.startsWith('claude_code_')) return 'community';
  return FAMILY_OF.get(name) ?? (/build_info|as_of|exposition/.test(name) ? 'the exposition itself' : 'gauges and budgets');
}

function countSeries(text: string): Map<Group, number> {
  const counts = new Map<Group, number>();
  for (const [name] of text.matchAll(/^[a-z]\w+/gim)) counts.set(groupOf(name), (counts.get(groupOf(name)) ?? 0) + 1);
  return counts;
}

const total = (counts: ReadonlyMap<Group, number>, isCounted: (group: Group) => boolean = () => true): number =>
  [...counts].reduce((sum, [group, count]) => (isCounted(group) ? sum + count : sum), 0);
const ofLedger = (group: Group): boolean => group !== 'community';

/** Milliseconds of the first scrape, of a later one, and until the longest of its chunks was there, in which others had their turns. */
async function time(reader: LedgerReader): Promise<{ first: number; later: number; piece: number; bytes: number }> {
  const scrape = exposition(reader, { nowMs: END_MS });
  let [piece, bytes] = [0, 0];
  const once = async (): Promise<number> => {
    const startedMs = performance.now();
    [piece, bytes] = [0, 0];
    let beforeMs = startedMs;
    for await (const chunk of scrape()) {
      bytes += Buffer.from(chunk).byteLength;
      const nowMs = performance.now();
      piece = Math.max(piece, nowMs - beforeMs);
      beforeMs = nowMs;
    }
    return performance.now() - startedMs;
  };
  const first = await once();
  const later: number[] = [];
  for (let round = 0; round < SCRAPES; round++) later.push(await once());
  return { first, later: median(later), piece, bytes };
}

const VARIANTS: Readonly<Record<string, ExposedOptions['exposition']>> = {
  'as it is': {},
  'community_series: false': { community_series: false },
  'without: [model]': { without: ['model'] },
  'without: [workspace, repository]': { without: ['workspace', 'repository'] },
  'without: [user]': { without: ['user'] },
  'by_team: [model]': { by_team: ['model'] },
  'by_team: [feature]': { by_team: ['feature'] },
};

async function measure(size: string): Promise<void> {
  const [people = 0, days = 0] = size.split(':').map(Number);
  const folder = mkdtempSync(join(tmpdir(), 'ledgerline-series-'));
  try {
    const file = join(folder, 'ledger.sqlite');
    await fill(file, people, days);
    const reader = openReader({ file, ...CALENDAR });
    const developers = new Set((await reader.people()).map(({ user }) => user)).size;
    await print(reader, `${people} people, ${days} days, ${developers} of them seen`, developers);
    await reader.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function print(reader: LedgerReader, title: string, developers: number): Promise<void> {
  const each = (count: number): string => `${String(count).padStart(9)} ${(count / developers).toFixed(2).padStart(7)} per developer`;
  const counts = countSeries((await Array.fromAsync(exposition(reader, { nowMs: END_MS })())).join(''));
  console.log(`\n${title}`);
  for (const [group, count] of counts) console.log(`  ${group.padEnd(34)} ${each(count)}`);
  console.log(`  ${'of the ledger, community apart'.padEnd(34)} ${each(total(counts, ofLedger))}`);
  for (const [name, section] of Object.entries(VARIANTS)) {
    const variant = countSeries((await Array.fromAsync(exposition(reader, { nowMs: END_MS, exposition: section })())).join(''));
    console.log(`  ${name.padEnd(34)} ${each(total(variant))}, community apart ${(total(variant, ofLedger) / developers).toFixed(2)}`);
  }
  const { first, later, piece, bytes } = await time(reader);
  console.log(
    `  scrape: first ${first.toFixed(0)} ms, later ${later.toFixed(0)} ms (median of ${SCRAPES}), longest piece ${piece.toFixed(0)} ms, ${(bytes / 1e6).toFixed(2)} MB`,
  );
}

const asked = process.argv.slice(2);
for (const size of asked.length > 0 ? asked : SIZES) await measure(size);
