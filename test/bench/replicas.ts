/**
 * `npm run bench:replicas -- --kills N --stops N --rounds N --failovers N --seed N`: kills three collectors that share a ledger, and their
 * database, and says what the ledger lost; then lets a primary fail under load, and says how long it took. Exits with 0 only when nothing is
 * missing, nothing is counted twice and every total is what its records come to. 0 of any of them leaves it out.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runFailover } from '../faults/failover.ts';
import type { Findings } from '../faults/inspect.ts';
import { type ReplicaStorm, type ReplicaStormResult, runReplicaStorm } from '../faults/replica-storm.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { Random } from '../support/random.ts';

/** The collectors find their code compiled, a third of the time of a start. */
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../../.cache/node');

const LOOK_INSIDE_EVERY = 5;
/** Of each round. */
const FOLD_KILLS = 2;
const FREEZES = 2;

const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
const options = { kills: text('300'), stops: text('30'), rounds: text('30'), failovers: text('3'), seed: { type: 'string' } } as const;
const { values } = parseArgs({ options });
const rounds = wholeNumber('--rounds', values.rounds);
const ofEachRound = {
  kills: Math.ceil(wholeNumber('--kills', values.kills) / Math.max(1, rounds)),
  databaseStops: Math.ceil(wholeNumber('--stops', values.stops) / Math.max(1, rounds)),
  foldKills: FOLD_KILLS,
  freezes: FREEZES,
};
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : wholeNumber('--seed', values.seed);
const startedMs = performance.now();

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-faults-'));
try {
  const found: Findings[] = rounds > 0 ? [await storm()] : [];
  for (let failover = wholeNumber('--failovers', values.failovers); failover > 0; failover--) found.push(await failOver());
  process.exitCode = found.every(isFlawless) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

async function storm(): Promise<ReplicaStormResult> {
  const server = await startPostgres({ version: 18, isDurable: true });
  try {
    console.log(`${rounds} rounds of ${ofEachRound.kills} kills and ${ofEachRound.databaseStops} stops of the database, seed ${seed}`);
    const fixed = { server, folder, random: new Random(seed), lookInsideEvery: LOOK_INSIDE_EVERY, onRound: report };
    const result = await runReplicaStorm({ ...fixed, rounds, ...ofEachRound });
    console.log(summary(result));
    for (const difference of result.differences) console.log(`  ${difference}`);
    return result;
  } finally {
    await server.destroy();
  }
}

async function failOver(): Promise<Findings> {
  const at = { stopped: 0, promoted: 0, followed: 0 };
  const result = await runFailover({
    ...{ version: 18, folder: mkdtempSync(join(folder, 'failover-')), random: new Random(seed) },
    onStep: (step) => {
      at[step] = performance.now();
    },
  });
  const since = (step: keyof typeof at) => ((at.followed - at[step]) / 1000).toFixed(2);
  const { acknowledgedBefore, acknowledged } = result;
  console.log(`primary failed after ${acknowledgedBefore} acknowledged exports of ${acknowledged}: ${findingsOf(result)};`);
  console.log(`  acknowledged again ${since('promoted')} s after the standby was promoted, ${since('stopped')} s after the primary was gone`);
  return result;
}

function wholeNumber(flag: string, given: string): number {
  const value = Number(given);
  if (Number.isInteger(value) && value >= 0) return value;
  console.error(`${flag} is "${given}", expected a whole number.`);
  process.exit(2);
}

function isFlawless({ missing, twice, torn, invented, differences }: Findings): boolean {
  return missing + twice + torn + invented + differences.length === 0;
}

function findingsOf({ missing, twice, torn, invented, differences }: Findings): string {
  return `${missing} missing, ${twice} counted twice, ${torn} torn exports, ${invented} invented, ${differences.length} differences`;
}

function report(round: number, { truth, inspector: { findings } }: ReplicaStorm): void {
  const records = truth.acknowledgedRecords.toLocaleString('en');
  console.log(`round ${round} of ${rounds}, ${seconds()} s: ${records} records acknowledged, ${findingsOf(findings)}`);
}

function summary(r: ReplicaStormResult): string {
  const n = (value: number) => value.toLocaleString('en');
  return [
    `${n(r.kills)} kills of 3 replicas, ${n(r.foldKills)} of who adds up, ${n(r.databaseStops)} stops of the database, ${n(r.freezes)} replicas frozen for up to 8 s, ${seconds()} s, seed ${seed}`,
    `${n(r.unanswered)} exports unanswered, ${n(r.committedUnanswered)} committed and not answered; ${n(r.retried)} sent again, ${n(r.repeated)} repeated on purpose, ${n(r.repeatedElsewhere)} of them to another replica, ${n(r.rewritten)} rewritten by a hop, ${n(r.refused)} times 503`,
    `${n(r.addedUpRows)} rows added up, ${n(r.recentRows)} not yet; ${n(r.refusedStarts)} starts while the database was away`,
    `acknowledged ${n(r.acknowledgedExports)} exports, ${n(r.acknowledgedRecords)} records: ${findingsOf(r)}`,
  ].join('\n');
}

function seconds(): string {
  return ((performance.now() - startedMs) / 1000).toFixed(0);
}
