/**
 * `npm run bench:replicas -- --kills N --stops N --rounds N --seed N`: kills three collectors that share a ledger, and their database, and says
 * what the ledger lost. Exits with 0 only when nothing is missing, nothing is counted twice and every total is what its records come to.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ReplicaStorm, type ReplicaStormResult, runReplicaStorm } from '../faults/replica-storm.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { Random } from '../support/random.ts';

const LOOK_INSIDE_EVERY = 5;
const FOLD_KILLS = 2;

const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
const { values } = parseArgs({ options: { kills: text('300'), stops: text('30'), rounds: text('30'), seed: { type: 'string' } } });
const rounds = wholeNumber('--rounds', values.rounds);
const ofEachRound = {
  kills: Math.ceil(wholeNumber('--kills', values.kills) / rounds),
  databaseStops: Math.ceil(wholeNumber('--stops', values.stops) / rounds),
  foldKills: FOLD_KILLS,
};
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : wholeNumber('--seed', values.seed);
const startedMs = performance.now();

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-faults-'));
const server = await startPostgres({ version: 18, isDurable: true });
try {
  console.log(`${rounds} rounds of ${ofEachRound.kills} kills and ${ofEachRound.databaseStops} stops of the database, seed ${seed}`);
  const random = new Random(seed);
  const result = await runReplicaStorm({ server, folder, rounds, ...ofEachRound, lookInsideEvery: LOOK_INSIDE_EVERY, random, onRound: report });
  console.log(summary(result));
  for (const difference of result.differences) console.log(`  ${difference}`);
  process.exitCode = isFlawless(result) ? 0 : 1;
} finally {
  await server.destroy();
  rmSync(folder, { recursive: true });
}

function wholeNumber(flag: string, given: string): number {
  const value = Number(given);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`${flag} is "${given}", expected a whole number above 0.`);
  process.exit(2);
}

function isFlawless({ missing, twice, torn, invented, differences }: ReplicaStormResult): boolean {
  return missing + twice + torn + invented + differences.length === 0;
}

function report(round: number, { truth, inspector: { findings } }: ReplicaStorm): void {
  const { missing, twice, torn, invented, differences } = findings;
  const found = `${missing} missing, ${twice} counted twice, ${torn} torn exports, ${invented} invented, ${differences.length} differences`;
  console.log(`round ${round} of ${rounds}, ${seconds()} s: ${truth.acknowledgedRecords.toLocaleString('en')} records acknowledged, ${found}`);
}

function summary(r: ReplicaStormResult): string {
  const n = (value: number) => value.toLocaleString('en');
  return [
    `${n(r.kills)} kills of 3 replicas, ${n(r.foldKills)} of who adds up, ${n(r.databaseStops)} stops of the database, ${seconds()} s, seed ${seed}`,
    `${n(r.unanswered)} exports unanswered, ${n(r.committedUnanswered)} committed and not answered; ${n(r.retried)} sent again, ${n(r.repeated)} repeated on purpose, ${n(r.repeatedElsewhere)} of them to another replica, ${n(r.rewritten)} rewritten by a hop, ${n(r.refused)} times 503`,
    `${n(r.addedUpRows)} rows added up, ${n(r.recentRows)} not yet; ${n(r.refusedStarts)} starts while the database was away`,
    `acknowledged ${n(r.acknowledgedExports)} exports, ${n(r.acknowledgedRecords)} records: ${n(r.missing)} missing, ${n(r.twice)} counted twice, ${n(r.torn)} torn exports, ${n(r.invented)} invented, ${r.differences.length} differences`,
  ].join('\n');
}

function seconds(): string {
  return ((performance.now() - startedMs) / 1000).toFixed(0);
}
