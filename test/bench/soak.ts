/**
 * `npm run bench:soak -- [--minutes 60] [--rate 200] [--users 2000] [--write]`: one durable server under a steady rate of live exports, logs
 * and metrics as they come. What it takes and how fast it answers is read every ten seconds: does anything grow? Retention removes older
 * entries meanwhile, and the write-ahead log is moved into the ledger again and again. Stops by itself; --write adds table and plot to docs/.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { stopInMemory } from './disk.ts';
import { fill } from './fill.ts';
import { aboveZero, wholeAboveZero } from './flags.ts';
import { assertAllNew } from './ingest.ts';
import { ledgerFileIn } from './ledger-file.ts';
import { takes } from './measure.ts';
import { machine } from './page.ts';
import { type Feeder, killChildren, type Load, type Server, startFeeder, startLoad, startServer } from './process.ts';
import { ms, Report, whole } from './report.ts';
import { chart, type Panel } from './soak/chart.ts';
import { withSoak } from './soak/page.ts';
import { COLUMNS, partRows, type Sample, verdictOf } from './soak/samples.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '200' },
    users: { type: 'string', default: '2000' },
    write: { type: 'boolean', default: false },
  },
});
const minutes = aboveZero('--minutes', values.minutes);
const rate = aboveZero('--rate', values.rate);
const people = wholeAboveZero('--users', values.users);
stopInMemory(tmpdir());

const PIECE_MS = 10_000;
/** Sessions of the load last up to so many pieces. */
const PIECES = 12;
const LANES = 64;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What is older than this was there before, and is removed a minute after the start. */
const RETENTION_DAYS = 1;
const PAST = { days: 4, entriesOfUser: 50 };
const PROJECT = join(import.meta.dirname, '../..');

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-soak-'));
process.once('exit', () => {
  killChildren();
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const report = new Report();
const about = machine(folder);
console.log(about.join('\n'));
const data = join(folder, 'data');
mkdirSync(data);
fill(ledgerFileIn(data), { people, days: PAST.days, entries: people * PAST.entriesOfUser, endMs: Date.now() - DAY_MS }, () => undefined);
const server = await startServer('ledger', data, undefined, { retention: { entries_days: RETENTION_DAYS } });
const samples = await soak(server, startFeeder(), startLoad());
await server.stop();

report.table(`${whole(rate)} exports/s for ${minutes} minutes`, COLUMNS, partRows(samples));
report.note(verdictOf(samples, rate).text);
await assertAllNew(data, report);
if (values.write) write();
process.exit(0);

/** Files are written ahead, so that nothing but the server decides how fast it goes. */
async function soak(server: Server, feeder: Feeder, load: Load): Promise<Sample[]> {
  const order = { folder, people, pieceMs: PIECE_MS, pieces: PIECES, exportsOfPiece: Math.ceil((rate * PIECE_MS) / 1000) };
  const samples: Sample[] = [];
  await server.loopDelay();
  let files = await feeder.write({ ...order, fromMs: Date.now() });
  const [startMs, startedMs] = [Date.now(), performance.now()];
  for (let batch = 1; ; batch++) {
    const next = feeder.write({ ...order, fromMs: startMs + batch * PIECES * PIECE_MS });
    next.catch(() => undefined); // Awaited below, or not needed any more.
    for (const file of files) {
      const sample = await send(server, load, file, startedMs);
      samples.push(sample);
      say(sample);
      if (sample.atMs >= minutes * MINUTE_MS) return samples;
      await wait(Math.max(0, samples.length * PIECE_MS - (performance.now() - startedMs)));
    }
    files = await next;
  }
}

async function send(server: Server, load: Load, file: string, startedMs: number): Promise<Sample> {
  const before = await server.usage();
  const result = await load.run({
    ...{ file, port: server.ports.http, transport: 'http', encoding: 'protobuf', gzip: false, lanes: LANES, rate },
    ...{ warmMs: 0, measureMs: PIECE_MS },
  });
  rmSync(file);
  if (result.refused > 0) throw new Error(`The server refused ${result.refused} exports.`);
  const usage = await server.usage();
  return {
    ...{ ...result, ...takes(before, usage, result), loopDelay: await server.loopDelay(), atMs: performance.now() - startedMs },
    ...{ ledgerBytes: sizeOf(ledgerFileIn(data)), walBytes: sizeOf(`${ledgerFileIn(data)}-wal`) },
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function say({ atMs, exports, seconds, rssBytes, p50Ms, p99Ms, ledgerBytes, walBytes }: Sample): void {
  report.say(
    `${(atMs / MINUTE_MS).toFixed(1)} min: ${whole(exports / seconds)}/s, p50 ${ms(p50Ms)} and p99 ${ms(p99Ms)} ms, RSS ${whole(rssBytes / 1e6)} MB, ` +
      `ledger ${whole(ledgerBytes / 1e6)} MB, WAL ${whole(walBytes / 1e6)} MB`,
  );
}

function panels(): Panel[] {
  const line = (name: string, pick: (sample: Sample) => number) => ({
    name,
    points: samples.map((sample) => [sample.atMs / MINUTE_MS, pick(sample)] as const),
  });
  return [
    { title: 'Memory (RSS), MB', lines: [line('RSS', ({ rssBytes }) => rssBytes / 1e6)] },
    { title: 'Latency, ms', lines: [line('p50', ({ p50Ms }) => p50Ms), line('p99', ({ p99Ms }) => p99Ms)] },
    { title: "Delay of the receiver's event loop, p99, ms", lines: [line('p99', ({ loopDelay }) => loopDelay.p99Ms)] },
    { title: 'Ledger, MB', lines: [line('ledger', ({ ledgerBytes }) => ledgerBytes / 1e6)] },
    { title: 'Write-ahead log, MB', lines: [line('WAL', ({ walBytes }) => walBytes / 1e6)] },
  ];
}

function write(): void {
  const title = `${whole(rate)} exports/s for ${minutes} minutes: memory, latency and file sizes over time`;
  writeFileSync(join(PROJECT, 'docs/benchmarks-soak.svg'), chart(title, panels()));
  const page = join(PROJECT, 'docs/benchmarks.md');
  const text = `One durable server under ${whole(rate)} exports/s of ${whole(people)} users, live, logs and metrics as they come, with ${whole(people * PAST.entriesOfUser)} older entries that
retention removes after a minute. A sample every ten seconds, a row for each tenth of the time; medians, and the most of what says so. \`npm run bench:soak -- --write\`
prints these figures.

${report.markdown.replace(/^## .+\n\n/, '')}

![${title}](benchmarks-soak.svg)

${about.join('\n')}`;
  writeFileSync(page, withSoak(readFileSync(page, 'utf8'), text));
}
