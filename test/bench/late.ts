/**
 * How long the writer is held by one export of one record: on top of a long session, a little late, late by half of the session, and
 * first of all; the least of several times, each in a transaction of its own. Sessions as the client makes them: a request every two
 * seconds, and the metric every minute.
 *   node bin/node26.mjs test/bench/late.ts [entries of a session …]    (1000 10000 50000 200000)
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Entry } from '../../collector/ledger/entry.ts';
import { Decoder, Encoder } from '../../collector/storage/batch-codec.ts';
import { SqliteStore } from '../../collector/storage/sqlite/ledger-store.ts';
import { event, metric, NOON } from '../support/entries.ts';
import { CALENDAR } from './ledger-file.ts';

const REQUEST_MS = 2_000;
const MINUTE_MS = 60_000;
/** Of one session, as many as a collector is sent at once. */
const ENTRIES_AT_ONCE = 1_000;
const REPEATS = 5;

const sizes = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'ledgerline-late-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

console.log('| entries of the session | on top, ms | a minute late, ms | by half of it, ms | first of all, ms | after a restart, ms | memory, MB |');
console.log('| ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
for (const size of sizes.length > 0 ? sizes : [1_000, 10_000, 50_000, 200_000]) console.log(measure(size));

function measure(size: number): string {
  const file = join(folder, `${size}.sqlite`);
  const entries = session(size);
  let store = new SqliteStore(file, CALENDAR);
  const appendTo = appender(store);
  for (let from = 0; from < entries.length; from += ENTRIES_AT_ONCE) appendTo(entries.slice(from, from + ENTRIES_AT_ONCE));
  const endMs = entries.at(-1)?.timeMs ?? NOON;
  const lateBy = (name: string, lateMs: number) =>
    least(Array.from({ length: REPEATS }, (_, index) => appendTo([event({ id: `${name} ${index}`, timeMs: endMs - lateMs + index + 1 })])));
  const took = [lateBy('on top', 0), lateBy('late', MINUTE_MS), lateBy('half', (endMs - NOON) / 2), lateBy('first', endMs - NOON + MINUTE_MS)];
  store.close();
  store = new SqliteStore(file, CALENDAR);
  took.push(appender(store)([event({ id: 'after a restart', timeMs: endMs + REQUEST_MS })]));
  store.close();
  globalThis.gc?.();
  const memory = Math.round(process.memoryUsage().rss / 1e6);
  return `| ${size.toLocaleString('en')} | ${took.map((ms) => ms.toFixed(1)).join(' | ')} | ${memory} |`;
}

/** Oldest first. */
function session(size: number): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; entries.length < size; at++) {
    const timeMs = NOON + at * REQUEST_MS;
    entries.push(event({ id: `${at}`, timeMs, sequence: at }));
    if ((at + 1) % (MINUTE_MS / REQUEST_MS) === 0) {
      entries.push(metric({ id: `${at}`, timeMs: timeMs + 1, startMs: timeMs - MINUTE_MS, cost: '0.30' }));
    }
  }
  return entries;
}

/** Answers how long the export took, milliseconds. */
function appender(store: SqliteStore): (entries: readonly Entry[]) => number {
  const encoder = new Encoder();
  const decoder = new Decoder();
  return (entries) => {
    const job = decoder.decode(encoder.encode({ entries, receivedMs: entries.at(-1)?.timeMs ?? NOON }));
    const startedMs = performance.now();
    store.apply([job]);
    return performance.now() - startedMs;
  };
}

/** The others had to wait for a busy machine. */
function least(values: readonly number[]): number {
  return Math.min(...values);
}
