/** Fills a ledger's file through the store itself, many sessions to a transaction. */
import type { Batch } from '../../collector/ledger/entry.ts';
import { Decoder, Encoder, type Job } from '../../collector/storage/batch-codec.ts';
import { SqliteStore } from '../../collector/storage/sqlite/ledger-store.ts';
import { CALENDAR } from './ledger-file.ts';
import { type PastOptions, past } from './past.ts';

export interface Filled {
  readonly entries: number;
  readonly sessions: number;
  readonly seconds: number;
  /** One of the last. */
  readonly sessionId: string;
}

const ENTRIES_AT_ONCE = 50_000;

export function fill(file: string, options: PastOptions, onProgress: (filled: Filled) => void): Filled {
  const store = new SqliteStore(file, CALENDAR);
  const encoder = new Encoder();
  const decoder = new Decoder();
  const startedMs = performance.now();
  let filled: Filled = { entries: 0, sessions: 0, seconds: 0, sessionId: '' };
  for (const batches of inGroups(past(options))) {
    const jobs: Job[] = batches.map((batch) => decoder.decode(encoder.encode(batch)));
    const appended = store.apply(jobs).reduce((sum, outcome) => sum + outcome.appended, 0);
    filled = {
      entries: filled.entries + appended,
      sessions: filled.sessions + batches.length,
      seconds: (performance.now() - startedMs) / 1000,
      sessionId: batches.at(-1)?.entries[0]?.sessionId ?? filled.sessionId,
    };
    onProgress(filled);
  }
  settle(store, filled.entries, options.endMs);
  store.close();
  return filled;
}

/** Each transaction adds this many rows at most to the roll-ups that lag behind. */
const ROLLED_UP_AT_ONCE = 1_000;

/** As a collector is that has run for a while: everything is in every roll-up. */
function settle(store: SqliteStore, rows: number, endMs: number): void {
  const nothing = new Decoder().decode(new Encoder().encode({ entries: [], receivedMs: endMs + 3_600_000 }));
  for (let left = rows; left > 0; left -= ROLLED_UP_AT_ONCE) store.apply([nothing]);
}

function* inGroups(batches: Iterable<Batch>): Iterable<Batch[]> {
  let group: Batch[] = [];
  let entries = 0;
  for (const batch of batches) {
    group.push(batch);
    entries += batch.entries.length;
    if (entries < ENTRIES_AT_ONCE) continue;
    yield group;
    group = [];
    entries = 0;
  }
  if (group.length > 0) yield group;
}
