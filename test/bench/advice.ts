/**
 * Advice about a user with very many sessions: `node bin/node26.mjs test/bench/advice.ts [--sessions 10000] [--requests 100]` fills a ledger of
 * so many requests of one user, and says how long the question takes, beside the smallest query of the same run.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { emptyJournal } from '../../collector/budgets/journal.ts';
import { configSchema } from '../../collector/config/config.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { ADVICE } from '../../collector/query/advice.ts';
import type { Asking } from '../../collector/query/question.ts';
import { Decoder, Encoder } from '../../collector/storage/batch-codec.ts';
import { SqliteStore } from '../../collector/storage/sqlite/ledger-store.ts';
import { MINUTE, request, TODAY } from '../query/explain/scenario.ts';
import { CALENDAR, readAt } from './ledger-file.ts';
import { median } from './report.ts';

const { values } = parseArgs({ options: { sessions: { type: 'string', default: '10000' }, requests: { type: 'string', default: '100' } } });
const [SESSIONS, REQUESTS] = [Number(values.sessions), Number(values.requests)];
const TIMES = 7;
const AT_ONCE = 200;

/** Grows, and pauses now and then longer than its cache lasts. */
const session = (index: number): Entry[] =>
  Array.from({ length: REQUESTS }, (_, step) => {
    const isPaused = step % 25 === 24;
    const atMs = TODAY - 20 * 1_440 * MINUTE + index * 2 * MINUTE + step * MINUTE + Math.floor((step + 1) / 25) * 10 * MINUTE;
    const prompt = 20_000 + step * 1_500;
    return request({ session: `session ${index}`, team: 'platform', atMs, read: isPaused ? 0 : prompt, written: isPaused ? prompt : 1_500 });
  });

function fill(file: string): void {
  const store = new SqliteStore(file, CALENDAR);
  const [encoder, decoder] = [new Encoder(), new Decoder()];
  for (let index = 0; index < SESSIONS; index += AT_ONCE) {
    const batches = Array.from({ length: Math.min(AT_ONCE, SESSIONS - index) }, (_, place) => ({
      entries: session(index + place),
      receivedMs: TODAY,
    }));
    store.apply(batches.map((batch) => decoder.decode(encoder.encode(batch))));
  }
  store.close();
}

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-bench-advice-'));
try {
  const file = join(folder, 'ledger.sqlite');
  fill(file);
  const reader = readAt(file, TODAY);
  const asking: Asking = {
    ...{ reader, scope: 'all', asker: { credentials: {}, mayRead: true }, config: configSchema.parse({}), now: () => TODAY, prices: loadPriceBook() },
    budgets: emptyJournal,
    alerts: { records: async () => [], deliveries: async () => [] },
    selfText: async () => '',
    refusals: async () => [],
  };
  const timeOf = async (ask: () => Promise<unknown>): Promise<number> => {
    const times: number[] = [];
    for (let time = 0; time < TIMES; time++) {
      const startedMs = performance.now();
      await ask();
      times.push(performance.now() - startedMs);
    }
    return median(times);
  };
  const ask = async () => (await ADVICE.respond({ parameters: new URLSearchParams('user=ada&period=last-30d') }, asking)).answer;
  const floorMs = await timeOf(() => reader.query({ measures: ['cost'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 10 }));
  const tookMs = await timeOf(ask);
  const { looked_into, saved_usd } = await ask();
  process.stdout.write(
    `advice about a user with ${SESSIONS} sessions, ${SESSIONS * REQUESTS} entries: ${tookMs.toFixed(0)} ms (the smallest query: ${floorMs.toFixed(1)} ms); ${looked_into.note} ${saved_usd} USD\n`,
  );
  await reader.close();
} finally {
  rmSync(folder, { recursive: true });
}
