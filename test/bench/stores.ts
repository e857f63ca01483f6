/**
 * The ledger in a file beside the ledger on PostgreSQL, in turns in one run: exports a second, CPU and bytes of each, then the same questions to both.
 *   npm run bench:stores -- [--entries 1000000] [--seconds 10] [--repeats 3] [--version 18]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { configSchema } from '../../collector/config/config.ts';
import type { LedgerReader, Query } from '../../collector/ledger/ledger.ts';
import { openLedgerReader } from '../../collector/storage/open.ts';
import { Database } from '../../collector/storage/postgres/connection.ts';
import { Fold } from '../../collector/storage/postgres/fold.ts';
import { type Target, targetOf } from '../../collector/storage/postgres/target.ts';
import { findBackend } from '../support/backends-find.ts';
import { backendOf, type PostgresVersion, type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { aboveZero, stopWith, wholeAboveZero } from './flags.ts';
import { databaseCpuUs } from './kernel.ts';
import { CALENDAR } from './ledger-file.ts';
import { median, ms, Report, whole } from './report.ts';
import type { WriterOrder, WriterResult } from './store-writer.ts';

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '10' },
    repeats: { type: 'string', default: '3' },
    version: { type: 'string', default: '18' },
  },
});
const ENTRIES = wholeAboveZero('--entries', values.entries);
const SECONDS = aboveZero('--seconds', values.seconds);
const REPEATS = wholeAboveZero('--repeats', values.repeats);
const version: PostgresVersion =
  values.version === '15' ? 15 : values.version === '18' ? 18 : stopWith(`--version is "${values.version}", expected 15 or 18.`, 2);
const PEOPLE = 2_000;
const DAY_MS = 86_400_000;
const HOUR_MS = DAY_MS / 24;
const TIMES = 21;
const NOW_MS = Date.UTC(2026, 10, 18);
const report = new Report();
const folder = mkdtempSync(join(tmpdir(), 'ledgerline-stores-'));
let server: RunningPostgres | undefined;

/** Starts a writer. Resolves, when it is ready, to what makes it begin. */
async function writer(order: WriterOrder): Promise<() => Promise<WriterResult>> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('./store-writer.ts', import.meta.url)), JSON.stringify(order)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`a writer ended with ${child.exitCode}`);
    return value;
  };
  await line();
  return async () => {
    child.stdin.end('begin\n');
    return JSON.parse(await line()) as WriterResult;
  };
}

const written = async (order: WriterOrder): Promise<WriterResult> => (await writer(order))();

interface Turn {
  readonly name: string;
  readonly writers: number;
  readonly isDealt: boolean;
  readonly isShared: boolean;
}

const TURNS: readonly Turn[] = [
  { name: 'a file, 1 writer', writers: 1, isDealt: false, isShared: false },
  { name: 'PostgreSQL, 1 writer', writers: 1, isDealt: false, isShared: true },
  { name: 'PostgreSQL, 2 writers', writers: 2, isDealt: false, isShared: true },
  { name: 'PostgreSQL, 4 writers', writers: 4, isDealt: false, isShared: true },
  { name: 'PostgreSQL, 2 writers, no stickiness', writers: 2, isDealt: true, isShared: true },
];

interface Measured extends WriterResult {
  readonly serverUs: number;
  readonly walBytes: number;
}

async function measure(turn: Turn, running: RunningPostgres, run: number): Promise<Measured> {
  const target = targetAt(await running.createDatabase());
  const store = turn.isShared ? { target } : { file: join(folder, `ledger-${run}.sqlite`) };
  const orders = Array.from({ length: turn.writers }, (_, index) => ({
    ...{ store, people: PEOPLE, index, writers: turn.writers, isDealt: turn.isDealt, endMs: NOW_MS + run * DAY_MS, entries: 3_000_000 },
    ...{ warmMs: 2_000, measureMs: SECONDS * 1_000 },
  }));
  const begin = await Promise.all(orders.map(writer));
  const before = { cpu: databaseCpuUs(running), wal: await walOf(target) };
  const results = await Promise.all(begin.map((one) => one()));
  const sum = (of: (result: WriterResult) => number): number => results.reduce((total, result) => total + of(result), 0);
  const most = (of: (result: WriterResult) => number): number => Math.max(...results.map(of));
  // Those of the server are of the whole run, with its warming up, in which entries come at about the same rate.
  const share = SECONDS / (SECONDS + 2);
  const entries = sum((result) => result.entries);
  return {
    exports: sum((result) => result.exports / result.seconds),
    entries,
    seconds: most((result) => result.seconds),
    p50: most((result) => result.p50),
    p99: most((result) => result.p99),
    cpuUs: sum((result) => result.cpuUs * result.entries) / entries,
    serverUs: turn.isShared ? ((databaseCpuUs(running) - before.cpu) * share) / entries : 0,
    walBytes: turn.isShared ? ((await walOf(target)) - before.wal) * (share / entries) : 0,
  };
}

function targetAt(url: string): Target {
  const target = targetOf(configSchema.parse({ data: folder, storage: { url } }));
  if (target === undefined) throw new Error(url);
  return target;
}

async function asking<Answer>(target: Target, ask: (database: Database) => Promise<Answer>): Promise<Answer> {
  const database = new Database(target, { name: 'bench', max: 1, wants: 'primary', statementMs: 0 });
  try {
    return await ask(database);
  } finally {
    await database.close();
  }
}

const walOf = (target: Target): Promise<number> =>
  asking(target, async (database) => Number((await database.rows(`SELECT pg_current_wal_lsn() - '0/0' AS bytes`))[0]?.bytes));

async function benchWriting(running: RunningPostgres): Promise<void> {
  const found = new Map<string, Measured[]>(TURNS.map(({ name }) => [name, []]));
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (const [at, turn] of TURNS.entries()) {
      const measured = await measure(turn, running, repeat * TURNS.length + at);
      found.get(turn.name)?.push(measured);
      report.say(`${turn.name}: ${whole(measured.exports)} exports/s`);
    }
  }
  const of = (name: string, what: keyof Measured): number => median((found.get(name) ?? []).map((measured) => measured[what]));
  const floor = of(TURNS[0]?.name ?? '', 'exports');
  report.table(
    `Writing: exports of ten entries, 64 under way for each writer`,
    ['', 'exports/s', 'of the file', 'p50 ms', 'p99 ms', 'CPU us/entry', 'of the server', 'WAL B/entry'],
    TURNS.map(({ name }) => [
      ...[name, whole(of(name, 'exports')), (of(name, 'exports') / floor).toFixed(2), ms(of(name, 'p50')), ms(of(name, 'p99'))],
      ...[of(name, 'cpuUs').toFixed(1), of(name, 'serverUs').toFixed(1), whole(of(name, 'walBytes'))],
    ]),
  );
  const two = TURNS[2]?.name ?? '';
  report.aim({
    name: 'exports/s at two writers',
    aim: '1.0 of the file',
    measured: (of(two, 'exports') / floor).toFixed(2),
    isMet: of(two, 'exports') >= floor,
  });
  report.aim({ name: 'p99 at two writers', aim: '100 ms', measured: `${ms(of(two, 'p99'))} ms`, isMet: of(two, 'p99') < 100 });
}

const day = (back: number): number => Math.floor(NOW_MS / DAY_MS) * DAY_MS - back * DAY_MS;
const MONTH = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 11, 1) };
const LAST_30_DAYS = { fromMs: day(29), toMs: day(-1) };
const QUERIES: readonly (readonly [string, Partial<Query>])[] = [
  ['spend by team, this month', { by: ['team'], ...MONTH }],
  ['30 days by team', { by: ['team'], grain: 'day', ...LAST_30_DAYS }],
  ['30 days', { grain: 'day', ...LAST_30_DAYS }],
  ['spend by user, this month', { by: ['user'], ...MONTH }],
  // Of the last working day: until midnight nobody would be there.
  ['6 hours by model', { by: ['model'], grain: 'quarter_hour', fromMs: day(1) + 9 * HOUR_MS, toMs: day(1) + 15 * HOUR_MS }],
];

async function benchReading(running: RunningPostgres): Promise<void> {
  const url = await running.createDatabase();
  const target = targetAt(url);
  const file = configSchema.parse({ data: folder });
  const order = { people: PEOPLE, index: 0, writers: 1, isDealt: false, endMs: NOW_MS, entries: ENTRIES, warmMs: 0, measureMs: 0, days: 90 };
  const filled = await written({ ...order, store: { target } });
  await asking(target, (database) => new Fold({ database, calendar: CALENDAR, slots: 1 }).over(NOW_MS + DAY_MS));
  await written({ ...order, store: { file: join(folder, 'ledger.sqlite') } });
  await asking(target, (database) => database.run('VACUUM ANALYZE'));
  const bytes = Number(
    await asking(target, async (database) => (await database.rows('SELECT pg_database_size(current_database()) AS bytes'))[0]?.bytes),
  );
  const fileBytes = statSync(join(folder, 'ledger.sqlite')).size;
  const readers = [await openLedgerReader(file), await openLedgerReader(configSchema.parse({ data: folder, storage: { url } }))];
  const rows: string[][] = [];
  let slowest = 0;
  for (const [name, query] of QUERIES) {
    const times = await Promise.all(readers.map(() => 0));
    for (const [index, reader] of readers.entries()) times[index] = await timed(reader, query);
    slowest = Math.max(slowest, times[1] ?? 0);
    rows.push([name, ...times.map(ms)]);
  }
  for (const reader of readers) await reader.close();
  report.table(`Questions to ${whole(filled.entries)} entries, median of ${TIMES}, ms`, ['', 'a file', 'PostgreSQL'], rows);
  report.note(`${whole(bytes / filled.entries)} bytes an entry on PostgreSQL, ${whole(fileBytes / filled.entries)} in the file.`);
  report.aim({ name: 'the slowest of these questions', aim: '30 ms', measured: `${ms(slowest)} ms`, isMet: slowest < 30 });
  report.aim({ name: 'bytes an entry', aim: '300', measured: whole(bytes / filled.entries), isMet: bytes / filled.entries <= 300 });
}

async function timed(reader: LedgerReader, query: Partial<Query>): Promise<number> {
  const asked: Query = { measures: ['cost'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 100_000, ...query };
  const took: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    const begunMs = performance.now();
    const { rows } = await reader.query(asked);
    took.push(performance.now() - begunMs);
    if (rows.length === 0) throw new Error(`nothing is found: ${JSON.stringify(query)}`);
  }
  return median(took);
}

const backend = findBackend(backendOf(version));
if (backend.kind === 'none') throw new Error(backend.reason);
try {
  server = await startPostgres({ version, isDurable: true, settings: ['shared_buffers=1GB', 'max_wal_size=8GB'] });
  await benchWriting(server);
  await benchReading(server);
  console.log(report.aims);
} finally {
  await server?.destroy();
  rmSync(folder, { recursive: true, force: true });
}
