/**
 * A collector that is killed while it writes its scheduled exports: whoever goes by the manifest never meets a file that is not what it says, and
 * the next collector ends with whole files of the right figures.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { configSchema } from '../../collector/config/config.ts';
import { parseUsd } from '../../collector/core/money.ts';
import { runExport } from '../../collector/exports/scheduled/run.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { openWriter } from '../../collector/storage/sqlite/ledger-writer.ts';
import { spawnCollector } from '../support/collector-process.ts';
import { event } from '../support/entries.ts';
import { seededRandom } from '../support/random.ts';
import { waitFor } from '../support/wait.ts';
import { readParquet } from './read-parquet.ts';
import { readCsv } from './reading.ts';

const KILLS = 5;
const DAYS = 12;
const DAY_MS = 86_400_000;
/** What a run of both exports does to their folders, about: files and manifests that appear and are renamed. */
const CHANGES = 120;
const FORMATS = { csv: { format: 'csv', compression: 'gzip' }, parquet: { format: 'parquet' } } as const;
const NAMES = Object.keys(FORMATS) as (keyof typeof FORMATS)[];
const CALENDAR = { timeZone: 'UTC', weekStart: 'monday' } as const;

interface ManifestFile {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly cost_usd: string;
  readonly sha256: string;
}

const random = seededRandom('killed exports');
const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'ledgerline-killed-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const folderOf = (name: string): string => join(data, 'exports', name);
const manifestFile = (name: string): string => join(folderOf(name), 'manifest.json');
const manifestOf = (name: string) => JSON.parse(readFileSync(manifestFile(name), 'utf8')) as { complete_to: string; files: readonly ManifestFile[] }; // as docs/exports.md has it
const config = () => ({
  timezone: 'UTC',
  exports: NAMES.map((name) => ({ name, schedule: '0 0 * * *', by: ['team'], measures: ['cost'], ...FORMATS[name] })),
});

let booked = 0;
/** Late records in most days, which change what their files have to say. */
async function book(): Promise<void> {
  const writer = await openWriter({ file: join(data, 'ledger.sqlite'), ...CALENDAR });
  const days = Array.from({ length: DAYS }, (_, index) => today - (index + 1) * DAY_MS).filter(() => random.chance(0.8));
  const entries = days.map((dayMs) => {
    const id = `k${booked++}`;
    const cost = `0.${String(random.below(1_000_000) + 1).padStart(12, '0')}`;
    return event({ id, sessionId: id, cost, timeMs: dayMs + random.below(DAY_MS), team: random.pick(['platform', 'data']) });
  });
  await writer.append({ entries, receivedMs: Date.now() });
  await writer.close();
}

/** Files of the first day alone: a collector that starts makes up the others. */
async function begin(): Promise<void> {
  const parsed = configSchema.parse({ ...config(), data });
  const reader = openReader({ file: join(data, 'ledger.sqlite'), ...CALENDAR });
  const context = { reader, config: parsed, prices: loadPriceBook() };
  for (const spec of parsed.exports) await runExport(spec, { context, now: () => today - (DAYS - 1) * DAY_MS });
  await reader.close();
}

/** As if the schedule's last time had not been done yet. */
function makeDue(): void {
  for (const name of NAMES) {
    const manifest = { ...manifestOf(name), complete_to: new Date(today - DAY_MS).toISOString() };
    writeFileSync(manifestFile(name), JSON.stringify(manifest));
  }
}

const isComplete = (): boolean => NAMES.every((name) => Date.parse(manifestOf(name).complete_to) >= today);
/** Files that are not there, or not as the manifest says. */
const brokenFiles = (): string[] =>
  NAMES.flatMap((name) =>
    manifestOf(name)
      .files.filter(
        ({ file, sha256 }) =>
          createHash('sha256')
            .update(readFileSync(join(folderOf(name), file)))
            .digest('hex') !== sha256,
      )
      .map(({ file }) => file),
  );

/** Kills it at one of the changes that it makes to the folders, or when it has made them all. */
async function killAmid(): Promise<void> {
  let changes = 0;
  const at = random.below(CHANGES);
  const reached = Promise.withResolvers<void>();
  const watchers = NAMES.map((name) => watch(folderOf(name), () => ++changes > at && reached.resolve()));
  const collector = await spawnCollector(data, config());
  try {
    await Promise.race([reached.promise, waitFor('the exports', isComplete, { everyMs: 50 })]);
  } finally {
    await collector.kill();
    for (const watcher of watchers) watcher.close();
  }
}

test(`${KILLS} kills amid exports leave whole files of the right figures`, async () => {
  await book();
  await begin();
  let interrupted = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    await book();
    makeDue();
    await killAmid();
    if (!isComplete()) interrupted++;
    expect(brokenFiles()).toEqual([]);
  }
  expect(interrupted).toBeGreaterThan(KILLS / 4);

  makeDue();
  const last = await spawnCollector(data, config());
  await waitFor('the exports', isComplete);
  await last.stop();
  expect(brokenFiles()).toEqual([]);
  const reader = openReader({ file: join(data, 'ledger.sqlite'), ...CALENDAR });
  for (const name of NAMES) {
    const { files } = manifestOf(name);
    expect(files).toHaveLength(DAYS);
    expect(readdirSync(folderOf(name)).sort()).toEqual([...files.map(({ file }) => file), 'manifest.json'].sort());
    for (const { file, from, to, cost_usd } of files) {
      const range = { fromMs: Date.parse(from), toMs: Date.parse(to) };
      const { totals } = await reader.query({ measures: ['cost'], by: [], grain: 'total', where: [], timeZone: 'UTC', rowsMax: 1, ...range });
      expect([file, parseUsd(cost_usd), await sumOf(join(folderOf(name), file))]).toEqual([file, totals[0], totals[0]]);
    }
  }
  await reader.close();
}, 240_000);

async function sumOf(path: string): Promise<bigint> {
  const bytes = readFileSync(path);
  const rows = path.endsWith('.gz') ? readCsv(gunzipSync(bytes).toString()) : await readParquet(bytes);
  return rows.reduce((sum, row) => sum + (parseUsd(String(row.cost_usd)) ?? 0n), 0n);
}
