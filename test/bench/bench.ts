/**
 * `npm run bench`: what the collector does each second, what it takes, and how that compares with the aims; everything in one run on one
 * machine. `npm run bench -- --help` lists the flags.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DEMO_DAYS } from '../../collector/demo/demo.ts';
import { Bodies } from './bodies.ts';
import { CASES, type Case, QUICK_CASES } from './cases.ts';
import { benchClients } from './clients.ts';
import { benchDemoFill } from './demo-fill.ts';
import { type NamedLedger, reportDisk, stopInMemory } from './disk.ts';
import { benchFirstBoard } from './first-board.ts';
import { aboveZero, stopWith } from './flags.ts';
import { benchIngest } from './ingest.ts';
import { checkPage, machine, writePage } from './page.ts';
import { readPeer, tryPeer } from './peer.ts';
import { killChildren } from './process.ts';
import { benchQueries } from './queries.ts';
import { Report, whole } from './report.ts';
import { benchReportStart } from './report-start.ts';
import { benchScrape } from './scrape.ts';

const SECTIONS = ['ingest', 'clients', 'scrape', 'queries', 'starts'] as const;
type Section = (typeof SECTIONS)[number];

const HELP = `npm run bench -- [--quick] [--only ${SECTIONS.join('|')}] [--case NAME] [--seconds N] [--repeats N] [--entries N] [--profile FOLDER]
    [--peer URL] [--peer-grpc URL] [--peer-pid N] [--write] [--remark TEXT]
  --quick           each measurement once, and fewer of them: to see that it runs, not to quote
  --only SECTION    one of ${SECTIONS.join(', ')}
  --case NAME       one line of ingest and nothing else, such as "logs, HTTP/protobuf"; may be repeated
  --seconds N       length of one measurement of ingest (3); with scrapes it is four times that
  --repeats N       how often each line is measured (3; once with --quick)
  --entries N       entries of the ledger that is asked (10,000,000; 200,000 with --quick)
  --profile FOLDER  CPU profiles of the collector's threads while it ingests
  --peer URL        another OTLP endpoint of this machine, http://127.0.0.1:PORT, that is loaded in turns with ours over HTTP
  --peer-grpc URL   the same over gRPC
  --peer-pid N      its process, for what it takes of CPU, memory and disk; its children count
  --write           writes docs/benchmarks.md up to its section Repeat it; only for a whole run
  --remark TEXT     what stands above the tables, such as what else ran; of a peer its name, version and configuration`;

const PEOPLE = 2_000;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    case: { type: 'string', multiple: true, default: [] },
    seconds: { type: 'string' },
    repeats: { type: 'string' },
    entries: { type: 'string' },
    profile: { type: 'string' },
    peer: { type: 'string' },
    'peer-grpc': { type: 'string' },
    'peer-pid': { type: 'string' },
    write: { type: 'boolean', default: false },
    remark: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const isQuick = values.quick;
const cases = readCases(values.case);
const only = readSection(values.only) ?? (values.case.length > 0 ? 'ingest' : undefined);
const measuredSeconds = aboveZero('--seconds', values.seconds ?? (isQuick ? '1' : '3'));
const repeats = aboveZero('--repeats', values.repeats ?? (isQuick ? '1' : '3'));
const entries = aboveZero('--entries', values.entries ?? (isQuick ? '200000' : '10000000'));
const peer = orStop(() => readPeer(values));
if (values.help) stopWith(HELP, 0);
const isWhole =
  !isQuick && only === undefined && [values.repeats, values.seconds, values.entries, values.profile].every((value) => value === undefined);
if (values.case.length > 0 && only !== 'ingest') stopWith('--case is a line of ingest: leave out --only.', 2);
if (values.write && !isWhole)
  stopWith('--write needs a whole run: leave out --quick, --only, --case, --repeats, --seconds, --entries and --profile.', 2);
if (values.write && peer !== undefined && values.remark === undefined)
  stopWith('--write beside a peer needs --remark with its name, its version and its configuration.', 2);
if (values.write) orStop(checkPage);
stopInMemory(tmpdir());

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-bench-'));
process.once('exit', () => {
  killChildren();
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const report = new Report();
const startedMs = performance.now();
if (peer !== undefined) await tryPeer(peer, folder).catch((error: Error) => stopWith(error.message, 2));
const about = machine(folder);
console.log([...about, ...(values.remark === undefined ? [] : [values.remark])].join('\n'));
await run();
console.log(`\n## Aims\n\n${report.aims}\n`);
const seconds = (performance.now() - startedMs) / 1000;
console.log(`${whole(seconds)} s${isQuick ? '; --quick figures are not to be quoted' : ''}`);
if (values.write) writePage({ report, about, seconds, remark: values.remark });

async function run(): Promise<void> {
  const nowMs = Date.now();
  const people = Math.max(10, Math.min(PEOPLE, Math.round(entries / 1000)));
  const ledgers: NamedLedger[] = [];
  if (wants('ingest')) {
    const profile = values.profile;
    if (profile !== undefined) mkdirSync(profile, { recursive: true });
    const bodies = new Bodies(isQuick ? people : PEOPLE, nowMs);
    const data = await benchIngest({ folder, bodies, seconds: measuredSeconds, repeats, cases, isQuick, profile, peer }, report);
    ledgers.push({ name: 'after the measurements of ingest', data });
  }
  if (wants('clients')) await benchClients({ folder, nowMs, people, seconds: measuredSeconds * 4, clients: isQuick ? 500 : 10_000 }, report);
  if (wants('scrape')) await benchScrape({ folder, nowMs, seconds: measuredSeconds * 4, repeats, series: isQuick ? 5_000 : 50_000 }, report);
  if (wants('queries')) {
    const data = await benchQueries({ folder, nowMs, entries, people, seconds: measuredSeconds }, report);
    ledgers.push({ name: 'after the questions and the ingest on top', data });
  }
  if (ledgers.length > 0) reportDisk(ledgers, report);
  if (wants('starts')) await benchStarts(nowMs);
}

async function benchStarts(nowMs: number): Promise<void> {
  await benchReportStart({ folder, rounds: isQuick ? 1 : 11 }, report);
  const data = await benchDemoFill({ folder, nowMs, days: isQuick ? 5 : DEMO_DAYS, repeats }, report);
  await benchFirstBoard({ data, visits: isQuick ? 1 : 7 }, report);
}

function wants(section: Section): boolean {
  if (only !== undefined && only !== section) return false;
  console.log(`\n# ${section}, load ${loadavg()[0]?.toFixed(1)}`);
  return true;
}

function readSection(text: string | undefined): Section | undefined {
  const section = SECTIONS.find((known) => known === text);
  if (text !== undefined && section === undefined) stopWith(`--only is "${text}", expected one of ${SECTIONS.join(', ')}.`, 2);
  return section;
}

function readCases(names: readonly string[]): readonly Case[] {
  for (const name of names) {
    if (CASES.every((known) => known.name !== name))
      stopWith(`--case is "${name}", expected one of:\n${CASES.map((known) => `  ${known.name}`).join('\n')}`, 2);
  }
  if (names.length > 0) return CASES.filter(({ name }) => names.includes(name));
  return isQuick ? QUICK_CASES : CASES;
}

function orStop<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    return stopWith(error instanceof Error ? error.message : String(error), 2);
  }
}
