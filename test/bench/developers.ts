/**
 * Developers at their busiest hour against several collectors on one PostgreSQL, over HTTP: the rate that holds, what an export costs, and
 * what 10,000, 50,000 and 500,000 developers need by that.
 *   npm run bench:developers -- [--developers 50000] [--replicas 2] [--seconds 30] [--rate 100] [--p99 3000] [--version 18]
 */
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { configSchema } from '../../collector/config/config.ts';
import type { DemoExport } from '../../collector/demo/wire.ts';
import { encodeProtobuf } from '../../collector/demo/wire.ts';
import { Database } from '../../collector/storage/postgres/connection.ts';
import { Fold } from '../../collector/storage/postgres/fold.ts';
import { targetOf } from '../../collector/storage/postgres/target.ts';
import { type CollectorProcess, spawnCollector } from '../support/collector-process.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { clientOf, framed } from './bodies.ts';
import { type Cost, demandOf, HABITS, type Measured, needOf, turnOf } from './developers-model.ts';
import { Traffic } from './developers-traffic.ts';
import { cpuUsOf, databaseCpuUs, databaseMemory, memoryOf } from './kernel.ts';
import { CALENDAR } from './ledger-file.ts';
import { killChildren, runLoad } from './process.ts';
import { megabytes, ms, Report, ratio, whole } from './report.ts';

const { values } = parseArgs({
  options: {
    developers: { type: 'string', default: '50000' },
    replicas: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '30' },
    rate: { type: 'string', default: '100' },
    p99: { type: 'string', default: '3000' }, // A client that was held so long lost nothing (d-hang); after 15 s it did.
    version: { type: 'string', default: '18' },
  },
});
const given = { developers: Number(values.developers), replicas: Number(values.replicas), seconds: Number(values.seconds) };
const STEP_SECONDS = 8;
const WARM_SECONDS = 2;
const RAISED_BY = 2;
/** Of all replicas: so many exports may be under way. */
const LANES = 128;
/** Of the rate asked for: less means that exports wait. */
const KEPT_UP = 0.97;
const TRIES = 2;
const SIZES = [10_000, 50_000, 500_000];

interface Step {
  readonly rate: number;
  readonly answered: number;
  readonly exportsASecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cost: Cost;
  readonly hasHeld: boolean;
}

class Bench {
  readonly #folder: string;
  readonly #running: RunningPostgres;
  readonly #database: Database;
  readonly #replicas: readonly CollectorProcess[];
  readonly #traffic: Traffic;
  /** Since the roll-ups were made. */
  #answered = 0;

  constructor(folder: string, running: RunningPostgres, database: Database, replicas: readonly CollectorProcess[], traffic: Traffic) {
    this.#folder = folder;
    this.#running = running;
    this.#database = database;
    this.#replicas = replicas;
    this.#traffic = traffic;
  }

  /** Nobody is known yet, as on the first morning. */
  introduce(): Promise<Step> {
    const sent = this.#traffic.introductions();
    return this.#send(sent, { seconds: 600 });
  }

  at(rate: number, seconds: number): Promise<Step> {
    return this.#send(this.#traffic.take(Math.ceil(rate * (seconds + WARM_SECONDS))), { rate, seconds });
  }

  async #send(sent: readonly DemoExport[], { rate, seconds }: { readonly rate?: number; readonly seconds: number }): Promise<Step> {
    const hands = await this.#deal(sent);
    const before = await this.#usage();
    const runs = await Promise.all(
      this.#replicas.map(({ ports }, index) =>
        runLoad({
          ...{ transport: 'http', port: ports.otlpHttp, file: hands[index]?.file ?? '', encoding: 'protobuf', gzip: false },
          ...{ lanes: Math.ceil(LANES / this.#replicas.length), warmMs: rate === undefined ? 0 : WARM_SECONDS * 1000, measureMs: seconds * 1000 },
          ...(rate === undefined ? {} : { rate: rate * (hands[index]?.share ?? 0) }),
        }),
      ),
    );
    const after = await this.#usage();
    if (runs.some(({ refused }) => refused > 0)) throw new Error('Exports were refused.');
    const answered = runs.reduce((sum, run) => sum + run.answered, 0);
    this.#answered += answered;
    const exportsASecond = runs.reduce((sum, run) => sum + run.exports / run.seconds, 0);
    const [p50Ms, p99Ms] = [Math.max(...runs.map((run) => run.p50Ms)), Math.max(...runs.map((run) => run.p99Ms))];
    const of = (what: keyof typeof before, unit: number): number => (after[what] - before[what]) / answered / unit;
    return {
      ...{ rate: rate ?? exportsASecond, answered, exportsASecond, p50Ms, p99Ms },
      cost: { receiverMs: of('receiverUs', 1000), databaseMs: of('databaseUs', 1000), diskBytes: of('disk', 1), walBytes: of('wal', 1) },
      hasHeld: p99Ms <= Number(values.p99) && exportsASecond >= (rate ?? 0) * KEPT_UP,
    };
  }

  /** A client stays with one replica. */
  async #deal(sent: readonly DemoExport[]): Promise<{ file: string; share: number }[]> {
    const hands = this.#replicas.map((_, index) => ({ file: join(this.#folder, `bodies-${index}`), dealt: 0 }));
    const streams = hands.map(({ file }) => createWriteStream(file));
    for (const one of sent) {
      const hand = hands[clientOf(one) % hands.length];
      if (hand !== undefined) hand.dealt++;
      streams[clientOf(one) % hands.length]?.write(framed(one, encodeProtobuf([one])));
    }
    for (const stream of streams) stream.end();
    await Promise.all(streams.map((stream) => finished(stream)));
    return hands.map(({ file, dealt }) => ({ file, share: dealt / sent.length }));
  }

  /** Disk without `recent`: what leaves it makes room for what comes. */
  async #usage(): Promise<{ receiverUs: number; databaseUs: number; disk: number; wal: number }> {
    const [row] = await this.#database.rows(
      `SELECT pg_database_size(current_database()) - pg_total_relation_size('recent') AS disk, pg_current_wal_lsn() - '0/0' AS wal`,
    );
    const receiverUs = this.#replicas.reduce((sum, { child }) => sum + cpuUsOf(child.pid ?? 0), 0);
    return { receiverUs, databaseUs: databaseCpuUs(this.#running), disk: Number(row?.disk), wal: Number(row?.wal) };
  }

  async connections(): Promise<number> {
    const [row] = await this.#database.rows(
      `SELECT count(*) AS connections FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    return Number(row?.connections);
  }

  memory(): { receivers: number[]; database: number } {
    return { receivers: this.#replicas.map(({ child }) => memoryOf(child.pid ?? 0)), database: databaseMemory(this.#running) };
  }

  /** The worker's job: all roll-ups of what came. For each export the CPU of the database and of this process, and bytes. */
  async rollUp(): Promise<{ cpuMs: number; disk: number; wal: number }> {
    const answered = this.#answered;
    this.#answered = 0;
    const [before, own] = [await this.#usage(), process.cpuUsage()];
    await new Fold({ database: this.#database, calendar: CALENDAR, slots: 1 }).over(Date.now() + 86_400_000);
    const [after, used] = [await this.#usage(), process.cpuUsage(own)];
    const cpuUs = after.databaseUs - before.databaseUs + used.user + used.system;
    return { cpuMs: cpuUs / 1000 / answered, disk: (after.disk - before.disk) / answered, wal: (after.wal - before.wal) / answered };
  }
}

/** A rate that does not hold is tried once more: what else the machine does comes and goes. */
async function raise(bench: Bench, report: Report): Promise<Step[]> {
  const steps: Step[] = [];
  for (let rate = Number(values.rate); ; rate *= RAISED_BY) {
    const first = await bench.at(rate, STEP_SECONDS);
    const step = first.hasHeld ? first : await bench.at(rate, STEP_SECONDS);
    steps.push(step);
    report.say(`${whole(rate)} exports/s: p99 ${ms(step.p99Ms)} ms, ${step.hasHeld ? 'holds' : 'does not hold'}`);
    if (!step.hasHeld) return steps;
  }
}

/** The highest rate that held, a longer time; a lower one where it does not hold as long. The last that was tried, if none does. */
async function hold(bench: Bench, steps: readonly Step[], report: Report): Promise<Step> {
  const [highest = Number(values.rate), ...lower] = steps
    .filter(({ hasHeld }) => hasHeld)
    .map(({ rate }) => rate)
    .toReversed();
  let step = await bench.at(highest, given.seconds);
  for (const rate of lower.slice(0, TRIES)) {
    if (step.hasHeld) break;
    report.say(`${whole(step.rate)} exports/s did not hold for ${given.seconds} s: ${whole(step.exportsASecond)}/s, p99 ${ms(step.p99Ms)} ms`);
    step = await bench.at(rate, given.seconds);
  }
  return step;
}

const stepRow = (name: string, { answered, exportsASecond, p50Ms, p99Ms, cost }: Step): string[] => [
  ...[name, whole(exportsASecond), whole(answered), ms(p50Ms), ms(p99Ms), ratio(cost.receiverMs), ratio(cost.databaseMs)],
  ...[whole(cost.walBytes), whole(cost.diskBytes)],
];

async function run(bench: Bench, report: Report): Promise<void> {
  const { exportsASecond, recordsASecond } = demandOf(given.developers);
  const turn = turnOf(HABITS);
  report.say(
    `${whole(given.developers)} developers at their busiest hour: ${whole(exportsASecond)} exports/s, ${whole(recordsASecond)} records/s; ` +
      `a turn is ${turn.exports.toFixed(1)} exports with ${whole(turn.records)} records`,
  );
  const first = await bench.introduce();
  await bench.rollUp();
  const steps = await raise(bench, report);
  const held = await hold(bench, steps, report);
  const [connections, memory] = [await bench.connections(), bench.memory()];
  const rolledUp = await bench.rollUp();
  report.table(
    `${given.replicas} receivers, one PostgreSQL`,
    ['', 'exports/s', 'answered', 'p50 ms', 'p99 ms', 'CPU ms/export, receivers', 'database', 'WAL B/export', 'disk B/export'],
    [
      stepRow('everybody for the first time', first),
      ...steps.map((step) => stepRow(`${whole(step.rate)}/s${step.hasHeld ? '' : ', does not hold'}`, step)),
      stepRow(`**${whole(held.rate)}/s, ${given.seconds} s**${held.hasHeld ? '' : ', does not hold'}`, held),
    ],
  );
  report.note(
    `Moving it to the roll-ups took ${ratio(rolledUp.cpuMs)} ms of CPU, ${whole(rolledUp.wal)} B of WAL and ${whole(rolledUp.disk)} B of disk for each export. ` +
      `${connections} connections to the database. Memory: receivers ${memory.receivers.map(megabytes).join(', ')} MB, database ${megabytes(memory.database)} MB.`,
  );
  const all = [...steps, held].filter(({ hasHeld }) => hasHeld);
  const answered = all.reduce((sum, step) => sum + step.answered, 0);
  const mean = (of: (cost: Cost) => number): number => all.reduce((sum, { cost, answered: count }) => sum + of(cost) * count, 0) / answered;
  const bytes = {
    diskBytes: mean(({ diskBytes }) => diskBytes) + rolledUp.disk,
    walBytes: mean(({ walBytes }) => walBytes) + rolledUp.wal,
  };
  const measured = ({ rate, cost }: Step): Measured => ({
    ...{ rate: rate / given.replicas, receiverMs: cost.receiverMs, ...bytes },
    databaseMs: cost.databaseMs + rolledUp.cpuMs,
  });
  const [lowest, ...others] = all.map(measured);
  if (lowest === undefined) throw new Error('No rate held. Begin lower, with --rate, or allow more, with --p99.');
  size([lowest, ...others], report);
}

function size(measured: readonly [Measured, ...Measured[]], report: Report): void {
  report.table(
    'What developers need at their busiest hour, by CPU per export',
    ['developers', 'exports/s', 'receivers', 'cores of all receivers', 'cores of the database', 'GB a month', 'WAL GB a month'],
    SIZES.map((developers) => {
      const need = needOf(developers, measured);
      return [
        ...[whole(developers), whole(need.exportsASecond), whole(need.receivers), need.receiverCores.toFixed(1), need.databaseCores.toFixed(1)],
        ...[whole(need.diskGbAMonth), whole(need.walGbAMonth)],
      ];
    }),
  );
  const [{ diskBytes, walBytes }] = measured;
  report.note(
    'Receivers: exports/s over half of what each held. Cores: exports/s x CPU ms per export / 1,000, as measured at the next lower rate of a receiver; ' +
      `the database's with its roll-ups. GB a month: exports a day x ${HABITS.workingDaysAMonth} x bytes per export (${whole(diskBytes)} of disk, ` +
      `${whole(walBytes)} of WAL). These cores are busy: have twice as many. Rates depend on what else this machine does, CPU per export repeats within 25 %.`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-developers-'));
const started: CollectorProcess[] = [];
let running: RunningPostgres | undefined;
let database: Database | undefined;
try {
  const settings = ['shared_buffers=1GB', 'max_wal_size=8GB'];
  running = await startPostgres({ version: values.version === '15' ? 15 : 18, isDurable: true, settings });
  const storage = { url: await running.createDatabase() };
  for (let index = 0; index < given.replicas; index++) {
    started.push(await spawnCollector(join(folder, `replica-${index}`), { role: 'receiver', storage }));
  }
  const target = targetOf(configSchema.parse({ data: folder, storage }));
  if (target === undefined) throw new Error(storage.url);
  database = new Database(target, { name: 'bench', max: 1, wants: 'primary', statementMs: 0 });
  const traffic = new Traffic(given.developers, Date.now() - 5 * 60_000);
  await run(new Bench(folder, running, database, started, traffic), new Report());
} finally {
  killChildren();
  await database?.close();
  await Promise.all(started.map((replica) => replica.kill()));
  await running?.destroy();
  rmSync(folder, { recursive: true, force: true });
}
