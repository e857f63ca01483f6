/**
 * How long a repricing takes while exports arrive: every entry is read and priced, and each of them is off. Beside it, from the same run, how
 * long the same entries took to append, and how long exports waited for their commit, before and meanwhile.
 *   node bin/node26.mjs test/bench/reprice.ts [entries]    (1000000, about two minutes)
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createRepricings } from '../../collector/app/repricings.ts';
import { configSchema } from '../../collector/config/config.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { openLedgerWriter } from '../../collector/storage/open.ts';
import { event, NOON } from '../support/entries.ts';

const ENTRIES = Number(process.argv[2] ?? 1_000_000);
const OF_A_SESSION = 500;
const REQUEST_MS = 20_000;
/** As a collector appends an export. */
const AT_ONCE = 250;
/** Appends under way at once while the ledger is filled. */
const UNDER_WAY = 16;
const EXPORT_MS = 100;
const MODELS = ['claude-opus-5-5', 'claude-haiku-5-5', 'claude-sonnet-5-5'];

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-reprice-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const config = configSchema.parse({ data: folder });
const ledger = await openLedgerWriter(config);

/** Requests that were booked before their model had a price. */
function unpriced(index: number): Entry {
  const session = Math.floor(index / OF_A_SESSION);
  const tokens = { input_tokens: 900 + (index % 700), output_tokens: 300, cache_read_tokens: 40_000, cache_creation_tokens: 0 };
  return {
    ...event({
      ...{ id: `${index}`, sessionId: `session-${session}`, timeMs: NOON + session * 1_000 + (index % OF_A_SESSION) * REQUEST_MS },
      ...{ model: MODELS[session % MODELS.length] ?? '', team: `team-${session % 20}`, user: `user-${session % 500}`, cost: '0.04' },
      amounts: { requests: 1, ...tokens, unpriced_tokens: 41_200 + (index % 700) },
    }),
    listCost: 0n,
  };
}

const seconds = (fromMs: number): number => (performance.now() - fromMs) / 1_000;
const median = (times: readonly number[]): string => (times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0).toFixed(1);
const most = (times: readonly number[]): string => Math.max(0, ...times).toFixed(0);

async function fill(): Promise<number> {
  const begunMs = performance.now();
  const under = new Set<Promise<unknown>>();
  for (let at = 0; at < ENTRIES; at += AT_ONCE) {
    const entries = Array.from({ length: Math.min(AT_ONCE, ENTRIES - at) }, (_, index) => unpriced(at + index));
    const done: Promise<unknown> = ledger.append({ entries, receivedMs: NOON }).finally(() => under.delete(done));
    under.add(done);
    if (under.size >= UNDER_WAY) await Promise.race(under);
  }
  await Promise.all(under);
  return seconds(begunMs);
}

/** An export of 250 records every tenth of a second. Answers how long each waited, milliseconds. */
async function exportsWhile(goesOn: () => boolean, name: string): Promise<number[]> {
  const waited: number[] = [];
  for (let round = 0; goesOn(); round++) {
    const timeMs = NOON + 30 * 86_400_000 + round * 1_000;
    const entries = Array.from({ length: AT_ONCE }, (_, index) =>
      event({ id: `${name} ${round} ${index}`, sessionId: `live-${index % 25}`, timeMs: timeMs + index }),
    );
    const sentMs = performance.now();
    await ledger.append({ entries, receivedMs: timeMs });
    waited.push(performance.now() - sentMs);
    await setTimeout(EXPORT_MS);
  }
  return waited;
}

const appended = await fill();
let left = 30;
const alone = await exportsWhile(() => left-- > 0, 'before');
const repricings = createRepricings(config, ledger, Date.now);
const begunMs = performance.now();
await repricings.start({ asked: {}, isApplied: true, who: 'bench' });
const meanwhile = await exportsWhile(() => repricings.state()?.isRunning === true, 'meanwhile');
const repriced = seconds(begunMs);
const { outcome, failure } = repricings.state() ?? {};
if (outcome === undefined) throw new Error(`The repricing failed: ${failure}`);
await ledger.close();

console.log('| | entries | seconds | per second |\n| --- | ---: | ---: | ---: |');
const row = (what: string, entries: number, took: number): void =>
  console.log(`| ${what} | ${entries.toLocaleString('en')} | ${took.toFixed(1)} | ${Math.round(entries / took).toLocaleString('en')} |`);
row('appended', ENTRIES, appended);
row('repriced, with exports', outcome.entries, repriced);
console.log(
  `\n${outcome.corrections.toLocaleString('en')} adjustments. Repricing took ${(repriced / appended).toFixed(2)} of the time that appending took.`,
);
console.log(
  `Exports waited ${median(alone)} ms before and ${median(meanwhile)} ms meanwhile (median), ${most(alone)} and ${most(meanwhile)} ms at most.`,
);
