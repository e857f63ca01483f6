/**
 * One writer of a store in a process of its own: exports of ten entries, 64 under way, until the time is over. Its order comes as JSON, its answer,
 * too. What is to be sent within a time is made before it: making it costs more than writing it. It says `ready` then, and waits for `begin`.
 */
import { once } from 'node:events';
import { QUARTER_MS } from '../../collector/core/calendar.ts';
import { DAY_MS } from '../../collector/core/duration.ts';
import type { Batch, Entry } from '../../collector/ledger/entry.ts';
import type { LedgerWriter } from '../../collector/ledger/ledger.ts';
import { openWriter as openShared } from '../../collector/storage/postgres/ledger-writer.ts';
import type { Target } from '../../collector/storage/postgres/target.ts';
import { openWriter as openFile } from '../../collector/storage/sqlite/ledger-writer.ts';
import { CALENDAR } from './ledger-file.ts';
import { past } from './past.ts';

export interface WriterOrder {
  readonly store: { readonly file: string } | { readonly target: Target };
  readonly people: number;
  /** Default: one, which is as busy as entries come. */
  readonly days?: number;
  /** Which of how many: each gets sessions of its own, or with isDealt every so manieth export of all. */
  readonly index: number;
  readonly writers: number;
  readonly isDealt: boolean;
  /** Of the past, so that no run repeats another's entries. */
  readonly endMs: number;
  readonly entries: number;
  readonly warmMs: number;
  /** 0: all entries. */
  readonly measureMs: number;
}

export interface WriterResult {
  readonly exports: number;
  readonly entries: number;
  readonly seconds: number;
  /** From handing over to durable, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Of this process, for each entry, in microseconds. */
  readonly cpuUs: number;
}

const OF_AN_EXPORT = 10;
const UNDER_WAY = 64;
const QUARTERS = DAY_MS / QUARTER_MS;
/** Sessions that go on at once: their exports come in turns. */
const ACTIVE = 400;

function* exportsOf({ people, days = 1, endMs, entries, index, writers, isDealt }: WriterOrder): Generator<Batch> {
  const sessions = past({ people, days, entries, endMs })[Symbol.iterator]();
  const active: Entry[][] = [];
  let session = 0;
  let dealt = 0;
  for (;;) {
    while (active.length < ACTIVE) {
      const { value, done } = sessions.next();
      if (done) break;
      if (isDealt || session++ % writers === index) active.push([...value.entries]);
    }
    if (active.length === 0) return;
    for (const [at, rest] of active.entries()) {
      const taken = rest.splice(0, OF_AN_EXPORT);
      if (rest.length === 0) active.splice(at, 1);
      if (!isDealt || dealt++ % writers === index) yield { entries: taken, receivedMs: endMs };
    }
  }
}

/** More than any store takes of all writers together, in a second. */
const EXPORTS_A_SECOND = 6_000;

function made(order: WriterOrder): Iterable<Batch> {
  if (order.measureMs === 0) return exportsOf(order);
  const wanted = (EXPORTS_A_SECOND * (order.warmMs + order.measureMs)) / 1_000 / order.writers;
  return exportsOf(order).take(wanted).map(asNow).toArray();
}

/** Live clients report what is now, so that all writers meet in the rows of one quarter of an hour: a day is squeezed into one. */
function asNow({ entries, receivedMs }: Batch): Batch {
  const squeezed = (timeMs: number): number => receivedMs - QUARTER_MS + Math.floor((timeMs % DAY_MS) / QUARTERS);
  return { entries: entries.map((entry) => ({ ...entry, timeMs: squeezed(entry.timeMs) })), receivedMs };
}

async function write(order: WriterOrder): Promise<WriterResult> {
  const writer: LedgerWriter =
    'file' in order.store ? await openFile({ file: order.store.file, ...CALENDAR }) : await openShared({ target: order.store.target, ...CALENDAR });
  const batches = made(order);
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
  process.stdin.unref();
  const startedMs = performance.now();
  const took: number[] = [];
  let [exports, entries, begunMs] = [0, 0, startedMs];
  let cpu = process.cpuUsage();
  let isMeasured = order.warmMs === 0;
  const under = new Set<Promise<void>>();
  for (const batch of batches) {
    const nowMs = performance.now();
    if (!isMeasured && nowMs - startedMs >= order.warmMs) {
      [isMeasured, begunMs, cpu, exports, entries] = [true, nowMs, process.cpuUsage(), 0, 0];
      took.length = 0;
    }
    if (isMeasured && order.measureMs > 0 && nowMs - begunMs >= order.measureMs) break;
    const done: Promise<void> = writer.append(batch).then(() => {
      took.push(performance.now() - nowMs);
      exports++;
      entries += batch.entries.length;
      under.delete(done);
    });
    under.add(done);
    if (under.size >= UNDER_WAY) await Promise.race(under);
  }
  await Promise.all(under);
  const seconds = (performance.now() - begunMs) / 1_000;
  const used = process.cpuUsage(cpu);
  await writer.close();
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { exports, entries, seconds, p50: at(0.5), p99: at(0.99), cpuUs: (used.user + used.system) / Math.max(1, entries) };
}

const result = await write(JSON.parse(process.argv[2] ?? '{}') as WriterOrder);
process.stdout.write(`${JSON.stringify(result)}\n`);
