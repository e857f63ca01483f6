/** Questions to a ledger of ten million entries, asked in process and over REST; and what such a ledger takes on disk. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { emptyJournal } from '../../collector/budgets/journal.ts';
import { configSchema } from '../../collector/config/config.ts';
import { periodAround } from '../../collector/core/time-range.ts';
import type { LedgerReader, Query } from '../../collector/ledger/ledger.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { ANALYZE } from '../../collector/query/analyze.ts';
import { BREAKDOWN } from '../../collector/query/breakdown.ts';
import { COMPARE } from '../../collector/query/compare.ts';
import type { Asking, Question as LedgerQuestion } from '../../collector/query/question.ts';
import { TREND } from '../../collector/query/trend.ts';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { Bodies } from './bodies.ts';
import { type Filled, fill } from './fill.ts';
import { BODIES_PER_SECOND, LANES } from './ingest.ts';
import { CALENDAR, ledgerFileIn } from './ledger-file.ts';
import { measure as measureLoad, rate, sendTo } from './measure.ts';
import { PEOPLE_IN_TEAM } from './past.ts';
import { type Server, startServer } from './process.ts';
import { median, megabytes, ms, type Report, whole } from './report.ts';

export interface QueriesOptions {
  readonly folder: string;
  readonly nowMs: number;
  readonly entries: number;
  readonly people: number;
  /** Length of the measurement of ingest on top. */
  readonly seconds: number;
}

const prices = loadPriceBook();
const DAYS = 90;
const DAY_MS = 86_400_000;
const TIMES = 21;
/** What somebody watches while it is drawn, and what somebody reads. */
const AIM_MS = 20;
const REPORT_AIM_MS = 1_000;
const PROGRESS_EVERY_S = 10;

interface Question {
  readonly name: string;
  readonly path: string;
  ask(reader: LedgerReader): Promise<unknown>;
  readonly aimMs: number | undefined;
}

/** Resolves to the folder of the ledger; nobody has it open then. */
export async function benchQueries({ folder, nowMs, entries, people, seconds }: QueriesOptions, report: Report): Promise<string> {
  const data = join(folder, 'queries');
  mkdirSync(data);
  const file = ledgerFileIn(data);
  const filled = fill(file, { people, days: DAYS, entries, endMs: nowMs }, progress(entries, report));
  const reader = openReader({ file, ...CALENDAR });
  const server = await startServer('ledger', data);
  const rows: string[][] = [];
  for (const question of questions(nowMs, filled.sessionId)) rows.push(await measure(question, reader, server, report));
  await reader.close();
  const about = `${whole(people)} people in ${Math.ceil(people / PEOPLE_IN_TEAM)} teams, ${DAYS} days, ${whole(filled.sessions)} sessions`;
  report.table(`Questions to ${whole(filled.entries)} entries`, ['ms', 'in process', 'slowest', 'over REST', 'slowest', 'answer kB'], rows);
  report.note(
    `${about}; filled through the store in ${whole(filled.seconds)} s, ${whole(filled.entries / filled.seconds)} entries/s. Median of ${TIMES}.`,
  );
  await benchOnTop(server, { folder, nowMs, people, seconds }, report);
  await server.stop();
  return data;
}

/** Does a ledger that has grown take exports as a fresh one does? */
async function benchOnTop(server: Server, { folder, nowMs, people, seconds }: Omit<QueriesOptions, 'entries'>, report: Report): Promise<void> {
  const bodies = new Bodies(people, nowMs);
  const file = join(folder, 'bodies');
  const order = { file, load: 'live', signals: ['logs'], transport: 'http', encoding: 'protobuf', gzip: false, lanes: LANES } as const;
  await bodies.write({ ...order, count: people * 3 });
  await sendTo(server, { ...order, warmMs: 0, measureMs: 60_000 });
  await bodies.write({ ...order, count: Math.ceil(seconds * BODIES_PER_SECOND) });
  const result = await measureLoad(server, { ...order, warmMs: seconds * 200, measureMs: seconds * 1000 });
  report.table(
    'Ingest into that ledger',
    ['', 'durable exports/s', 'records/s', 'p50 ms', 'p99 ms', 'RSS MB'],
    [
      [
        'logs, HTTP/protobuf',
        whole(rate(result)),
        whole(result.records / result.seconds),
        ms(result.p50Ms),
        ms(result.p99Ms),
        megabytes(result.rssBytes),
      ],
    ],
  );
}

function progress(entries: number, report: Report): (filled: Filled) => void {
  let said = 0;
  return (filled) => {
    if (filled.seconds - said < PROGRESS_EVERY_S) return;
    said = filled.seconds;
    report.say(`${whole(filled.entries)} of ${whole(entries)} entries, ${whole(filled.entries / filled.seconds)}/s`);
  };
}

function questions(nowMs: number, sessionId: string): Question[] {
  const month = periodAround('month', nowMs, CALENDAR);
  const day = periodAround('day', nowMs, CALENDAR);
  const last30 = { fromMs: day.toMs - 30 * DAY_MS, toMs: day.toMs };
  const iso = (instant: number): string => new Date(instant).toISOString();
  const spend = (name: string, timeRange: { fromMs: number; toMs: number }, by: Query['by'], grain: Query['grain'], aimMs?: number): Question => ({
    name,
    aimMs,
    path: `/api/v1/spend?by=${by.join()}&grain=${grain}&from=${iso(timeRange.fromMs)}&to=${iso(timeRange.toMs)}`,
    ask: (reader) => reader.query({ measures: ['cost'], by, ...timeRange, grain, timeZone: CALENDAR.timeZone, where: [], rowsMax: 100_000 }),
  });
  const report = (name: string, question: LedgerQuestion, words: string): Question => ({
    name,
    aimMs: REPORT_AIM_MS,
    path: `/api/v1${question.path}?${words}`,
    ask: (reader) => question.respond({ parameters: new URLSearchParams(words) }, askingOf(reader, nowMs)),
  });
  return [
    spend('spend by team, this month', month, ['team'], 'total', AIM_MS),
    spend('trend of 30 days', last30, [], 'day', AIM_MS),
    spend('trend of 30 days by team', last30, ['team'], 'day'),
    spend('spend by user, this month', month, ['user'], 'total'),
    { name: 'one session', path: `/api/v1/sessions/${sessionId}`, ask: (reader) => reader.session(sessionId), aimMs: undefined },
    report('analysis of this month', ANALYZE, ''),
    report('trend of 30 days, by user', TREND, 'days=30&by=user'),
    report('breakdown of this month by user and model', BREAKDOWN, 'by=user,model'),
    report('all models side by side', COMPARE, 'models=all'),
  ];
}

/** In process, as one who may see everything. */
const askingOf = (reader: LedgerReader, nowMs: number): Asking => ({
  ...{ reader, scope: 'all', asker: { credentials: {}, mayRead: true }, config: configSchema.parse({}), now: () => nowMs, prices },
  budgets: emptyJournal,
  alerts: { records: async () => [], deliveries: async () => [] },
  selfText: async () => '',
  refusals: async () => [],
});

async function measure({ name, path, ask, aimMs }: Question, reader: LedgerReader, server: Server, report: Report): Promise<string[]> {
  const inProcess = await times(async () => void (await ask(reader)));
  let bytes = 0;
  const overRest = await times(async () => {
    const response = await fetch(`http://127.0.0.1:${server.ports.api}${path}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
    bytes = text.length;
  });
  if (aimMs !== undefined) {
    const measured = [median(inProcess), median(overRest)] as const;
    report.aim({
      name: `${name}, in process and over REST`,
      aim: `under ${aimMs} ms`,
      measured: `${measured.map(ms).join(' and ')} ms`,
      isMet: measured.every((took) => took < aimMs),
    });
  }
  return [name, ms(median(inProcess)), ms(Math.max(...inProcess)), ms(median(overRest)), ms(Math.max(...overRest)), (bytes / 1e3).toFixed(1)];
}

/** The first, with nothing compiled and nothing cached, is among them. */
async function times(run: () => Promise<void>): Promise<number[]> {
  const took: number[] = [];
  for (let index = 0; index < TIMES; index++) {
    const startedMs = performance.now();
    await run();
    took.push(performance.now() - startedMs);
  }
  return took;
}
