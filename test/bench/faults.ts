/**
 * `npm run bench:faults -- --kills N --seed N`: kills a collector under load a thousand times and says what its ledger lost.
 * Exits with 0 only when nothing is missing, nothing is counted twice and every total is what its records come to.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runStorm, type Storm, type StormResult } from '../faults/storm.ts';
import { Random } from '../support/random.ts';

const LOOK_INSIDE_EVERY = 50;
const PROGRESS_EVERY = 25;

const { values } = parseArgs({ options: { kills: { type: 'string', default: '1000' }, seed: { type: 'string' } } });
const kills = wholeNumber('--kills', values.kills);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : wholeNumber('--seed', values.seed);
const data = mkdtempSync(join(tmpdir(), 'ledgerline-faults-'));
const startedMs = performance.now();

console.log(`${kills} kills, seed ${seed} (repeat with --seed ${seed}), ledger in ${data}`);
const result = await runStorm({ data, kills, random: new Random(seed), lookInsideEvery: LOOK_INSIDE_EVERY, onKill: report });
const isFlawless = result.missing + result.twice + result.torn + result.invented + result.differences.length === 0;
console.log(summary(result, statSync(join(data, 'ledger.sqlite')).size));
for (const difference of result.differences) console.log(`  ${difference}`);
// A ledger that is wrong is kept, to be looked into.
if (isFlawless) rmSync(data, { recursive: true });
process.exitCode = isFlawless ? 0 : 1;

function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`${flag} is "${text}", expected a whole number above 0.`);
  process.exit(2);
}

function report(kill: number, { truth, inspector: { findings } }: Storm): void {
  const isBad = findings.missing + findings.twice + findings.torn + findings.invented + findings.differences.length > 0;
  if (kill % PROGRESS_EVERY !== 0 && !isBad) return;
  const records = truth.acknowledgedRecords.toLocaleString('en');
  console.log(`kill ${kill} of ${kills}, ${seconds()} s: ${records} records acknowledged, ${found(findings)}`);
}

function found({
  missing,
  twice,
  torn,
  invented,
  differences,
}: Pick<StormResult, 'missing' | 'twice' | 'torn' | 'invented' | 'differences'>): string {
  return `${missing} missing, ${twice} counted twice, ${torn} torn exports, ${invented} invented, ${differences.length} differences`;
}

function summary(r: StormResult, bytes: number): string {
  const n = (value: number) => value.toLocaleString('en');
  return [
    `${n(r.kills)} kills under load and ${n(r.killsWhileStarting)} more while starting, ${seconds()} s, seed ${seed}, ledger ${n(Math.round(bytes / 1e6))} MB`,
    `${n(r.unanswered)} exports unanswered, of which ${n(r.committedUnanswered)} had been committed; ${n(r.retried)} sent again, ${n(r.repeated)} repeated on purpose, ${n(r.rewritten)} rewritten by a hop, ${n(r.refused)} times 503`,
    `acknowledged ${n(r.acknowledgedExports)} exports, ${n(r.acknowledgedRecords)} records: ${found(r)}`,
  ].join('\n');
}

function seconds(): string {
  return ((performance.now() - startedMs) / 1000).toFixed(0);
}
