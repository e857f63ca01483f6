/**
 * `npm run bench:hostile`: attacks a real collector on loopback and prints what good clients notice of it. Exits with 0 only when the
 * process never ended and the ledger is what was acknowledged. `npm run bench:hostile -- --help` lists the flags.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeCertificates } from '../server/certificates.ts';
import { fill } from './fill.ts';
import type { Attack, Tokens } from './hostile/attack.ts';
import { ATTACKS } from './hostile/attacks.ts';
import { fuzz } from './hostile/attacks-fuzz.ts';
import { Battle, type BattleOptions, type Round } from './hostile/battle.ts';
import { killChildren } from './hostile/child.ts';
import { AIM_PEAK_BYTES, AIM_STALL_MS, head, missesOf, pageTable, row } from './hostile/table.ts';
import { ledgerFileIn, readAt } from './ledger-file.ts';

const HELP = `npm run bench:hostile -- [--quick] [--only NAME,…] [--seconds N] [--entries N] [--fuzz N] [--seed N] [--profile FOLDER] [--output FILE] [--page]
  --quick         a fiftieth of everything: to see that it runs, not to quote
  --only NAME,…   some of: ${ATTACKS.map(({ name }) => name).join(', ')}
  --seconds N     the most that one attack lasts (6)
  --entries N     entries of the ledger that is attacked (300,000)
  --fuzz N        N mutated exports over three transports, and nothing else
  --seed N        repeats the mutations of a run that printed this seed
  --profile FOLDER  CPU profiles of the collector's threads
  --output FILE   all figures as JSON
  --page          the table of docs/benchmarks.md at the end`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    seconds: { type: 'string' },
    entries: { type: 'string' },
    fuzz: { type: 'string' },
    seed: { type: 'string' },
    profile: { type: 'string' },
    output: { type: 'string' },
    page: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) stopWith(HELP, 0);
const fuzzed = values.fuzz === undefined ? undefined : readNumber('--fuzz', values.fuzz);
const attacks = fuzzed === undefined ? chosen(values.only) : [fuzz(fuzzed)];
const seconds = readNumber('--seconds', values.seconds ?? (values.quick ? '0.3' : '6'));
// Inherited by the attackers, where test/support/random.ts reads it.
if (values.seed !== undefined) process.env.LEDGERLINE_TEST_SEED = String(readNumber('--seed', values.seed));
const entries = readNumber('--entries', values.entries ?? (values.quick ? '5000' : '300000'));
const share = values.quick ? 0.02 : 1;
const DAYS = 90;
/** Handshakes do not care how much there is to read. */
const SECURED_SHARE = 20;
const ENTRIES_OF_USER = 150;
const PEOPLE_LEAST = 10;
/** TLS is attacked where a silent handshake can fill the port. */
const TLS_CONNECTIONS = 500;

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-hostile-'));
process.once('exit', () => {
  killChildren();
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const tokens: Tokens = { good: randomBytes(16).toString('hex'), attacker: randomBytes(16).toString('hex'), reader: randomBytes(16).toString('hex') };
const startedMs = performance.now();
const rounds: Round[] = [];
const differences: string[] = [];
let acknowledged = 0;
await run();
report();

async function run(): Promise<void> {
  const plain = attacks.filter(({ isTls }) => isTls !== true);
  const secured = attacks.filter(({ isTls }) => isTls === true);
  if (plain.length > 0) await fight('plain', {}, plain);
  if (secured.length === 0) return;
  const certificates = makeCertificates();
  const tls = { cert_file: certificates.path('server.crt'), key_file: certificates.path('server.key') };
  await fight('tls', { server: { tls }, limits: { connections: TLS_CONNECTIONS } }, secured, certificates.read('ca.crt'));
  certificates.remove();
}

async function fight(name: string, given: { server?: object; limits?: object }, against: readonly Attack[], ca?: Buffer): Promise<void> {
  const data = join(folder, name);
  mkdirSync(data);
  const file = ledgerFileIn(data);
  const past = ca === undefined ? entries : entries / SECURED_SHARE;
  const people = Math.max(PEOPLE_LEAST, Math.round(past / ENTRIES_OF_USER));
  fill(file, { people, days: DAYS, entries: past, endMs: Date.now() }, () => undefined);
  const battle = new Battle({
    config: configOf(data, given),
    tokens,
    seconds,
    share,
    ca,
    fuzz: fuzzed,
    profile: values.profile,
  } satisfies BattleOptions);
  await battle.start();
  console.log(`\n${head()}`);
  note(await battle.peace());
  for (const attack of against) {
    const round = await battle.round(attack);
    note(round);
    if (round.endedAs !== undefined) console.log(battle.lastWords);
    if ((round.peakBytes ?? 0) >= AIM_PEAK_BYTES) await battle.renew();
  }
  const settled = await battle.settle();
  acknowledged += settled.acknowledged;
  differences.push(...settled.differences);
  const reader = readAt(file, Date.now());
  differences.push(...(await reader.check()));
  await reader.close();
}

function note(round: Round): void {
  rounds.push(round);
  console.log(row(round));
}

function configOf(data: string, { server = {}, limits = {} }: { server?: object; limits?: object }): object {
  const token = (name: string, secret: string, role: 'ingest' | 'read') => ({
    name,
    role,
    sha256: createHash('sha256').update(secret).digest('hex'),
  });
  return {
    data,
    limits,
    server: { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0, ...server },
    auth: { tokens: [token('good', tokens.good, 'ingest'), token('attacker', tokens.attacker, 'ingest'), token('reader', tokens.reader, 'read')] },
  };
}

function report(): void {
  const ended = rounds.filter(({ endedAs }) => endedAs !== undefined).length;
  const missed = rounds.filter((round) => missesOf(round).length > 0);
  const took = Math.round((performance.now() - startedMs) / 1000);
  if (values.page) console.log(`\n${pageTable(rounds)}\n`);
  console.log(`Aims: p99 under ${AIM_STALL_MS} ms, peak under ${AIM_PEAK_BYTES / 1e6} MB, nothing ended, nothing failed.`);
  for (const difference of differences) console.log(`  ${difference}`);
  console.log(
    `${rounds.length} rounds in ${took} s: ${missed.length} miss an aim, the process ended ${ended} times; ` +
      `${acknowledged.toLocaleString('en')} exports acknowledged, ${differences.length} differences`,
  );
  if (values.quick) console.log('--quick figures are not to be quoted');
  if (values.output !== undefined)
    writeFileSync(values.output, `${JSON.stringify({ seconds, entries, acknowledged, differences, rounds }, undefined, 2)}\n`);
  process.exitCode = ended + differences.length === 0 ? 0 : 1;
}

function chosen(text: string | undefined): readonly Attack[] {
  if (text === undefined) return ATTACKS;
  return text.split(',').map((name) => {
    const attack = ATTACKS.find((known) => known.name === name);
    return attack ?? stopWith(`--only has "${name}", expected some of ${ATTACKS.map((known) => known.name).join(', ')}.`, 2);
  });
}

function readNumber(flag: string, text: string): number {
  const value = Number(text);
  return value > 0 ? value : stopWith(`${flag} is "${text}", expected a number above 0.`, 2);
}

function stopWith(text: string, code: number): never {
  console.log(text);
  process.exit(code);
}
