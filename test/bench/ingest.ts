/** What keeping costs: durable exports each second, beside the same receivers that decode and throw away. */
import { join } from 'node:path';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import type { Bodies, BodyOptions, Signal } from './bodies.ts';
import { CALENDAR, ledgerFileIn } from './ledger-file.ts';
import type { LoadOrder, LoadResult } from './load.ts';
import { runLoad, type Server, startServer } from './process.ts';
import { median, megabytes, ms, type Report, ratio, whole } from './report.ts';

export interface IngestOptions {
  readonly folder: string;
  readonly bodies: Bodies;
  readonly seconds: number;
  readonly repeats: number;
  readonly cases: readonly Case[];
  readonly isQuick: boolean;
  readonly profile: string | undefined;
}

export interface Case {
  readonly name: string;
  readonly load: BodyOptions['load'];
  readonly signals: readonly Signal[];
  readonly wire: Pick<LoadOrder, 'transport' | 'encoding' | 'gzip'>;
}

interface Measured extends LoadResult {
  readonly rssBytes: number;
  /** Of the server, for each export. */
  readonly cpuMs: number;
  /** To disk, for each export. */
  readonly writtenBytes: number;
}

interface Pair {
  readonly durable: Measured;
  readonly discard: Measured;
}

export const LANES = 64;
/** About what the faster server can take, so that no file is larger than it need be. */
export const BODIES_PER_SECOND = 7_000;
const WARM_SHARE = 0.2;
const WARM_UP_BODIES = 12_000;
const RATIO_AIM = 0.7;

const HTTP = { transport: 'http', encoding: 'protobuf', gzip: false } as const;
const WIRES = [
  ['HTTP/protobuf', HTTP],
  ['HTTP/JSON', { ...HTTP, encoding: 'json' }],
  ['gRPC', { ...HTTP, transport: 'grpc' }],
] as const satisfies readonly (readonly [string, Case['wire']])[];

export const CASES: readonly Case[] = [
  ...(['logs', 'metrics'] as const).flatMap((signal) =>
    WIRES.flatMap(([name, wire]) => [
      { name: `${signal}, ${name}`, load: 'live' as const, signals: [signal], wire },
      { name: `${signal}, ${name}, gzip`, load: 'live' as const, signals: [signal], wire: { ...wire, gzip: true } },
    ]),
  ),
  { name: 'both as they come, HTTP/protobuf', load: 'live', signals: ['logs', 'metrics'], wire: HTTP },
  { name: 'logs, HTTP/protobuf, backfill', load: 'backfill', signals: ['logs'], wire: HTTP },
  { name: 'metrics, HTTP/protobuf, backfill', load: 'backfill', signals: ['metrics'], wire: HTTP },
];
const QUICK_NAMES = ['logs, HTTP/protobuf', 'logs, gRPC', 'metrics, HTTP/protobuf', 'logs, HTTP/protobuf, backfill'];
export const QUICK_CASES = CASES.filter(({ name }) => QUICK_NAMES.includes(name));

/** Resolves to the folder of the ledger that was filled by it; nobody has it open then. */
export async function benchIngest(options: IngestOptions, report: Report): Promise<string> {
  const data = join(options.folder, 'ingest');
  const servers = [await startServer('ledger', data, options.profile), await startServer('discard', data)] as const;
  await warmUp(options, servers, report);
  const results: Result[] = [];
  for (const one of options.cases) {
    const pairs: Pair[] = [];
    for (let repeat = 0; repeat < options.repeats; repeat++) pairs.push(await measurePair(one, options, servers, repeat % 2 === 0, report));
    results.push({ name: one.name, pairs, of: (pick) => median(pairs.map(pick)) });
  }
  for (const server of servers) await server.stop();
  present(results, report);
  await assertAllNew(data, report);
  return data;
}

/** A duplicate costs less than an entry: had bodies repeated, the figures would flatter. */
async function assertAllNew(data: string, report: Report): Promise<void> {
  const reader = openReader({ file: ledgerFileIn(data), ...CALENDAR });
  const { appended, duplicates, conflicts } = (await reader.status()).counters;
  await reader.close();
  report.note(`All this became ${whole(appended)} entries, with ${whole(duplicates)} duplicates and ${whole(conflicts)} conflicts.`);
  if (duplicates + conflicts > appended / 1000) throw new Error('Bodies were sent twice: the figures of ingest are not to be trusted.');
}

/** The same people in other sessions: compiles what runs often, and lets the ledger meet everyone once. */
async function warmUp({ folder, bodies, cases, isQuick }: IngestOptions, servers: readonly Server[], report: Report): Promise<void> {
  const file = join(folder, 'warm-up');
  const count = isQuick ? WARM_UP_BODIES / 10 : WARM_UP_BODIES;
  const wires = WIRES.map(([, wire]) => wire).filter(({ transport, encoding }) =>
    cases.some(({ wire }) => wire.transport === transport && wire.encoding === encoding),
  );
  for (const wire of wires) {
    report.say(`warming up, ${wire.transport} ${wire.encoding}`);
    await bodies.write({ ...wire, file, load: 'live', signals: ['logs', 'metrics'], count: Math.ceil(count / wires.length) });
    for (const { ports } of servers) await runLoad({ ...wire, file, port: ports[wire.transport], lanes: LANES, warmMs: 0, measureMs: 60_000 });
  }
}

async function measurePair(
  { name, load, signals, wire }: Case,
  { folder, bodies, seconds }: IngestOptions,
  [ledger, discard]: readonly [Server, Server],
  isLedgerFirst: boolean,
  report: Report,
): Promise<Pair> {
  const file = join(folder, 'bodies');
  const written = await bodies.write({ file, load, signals, ...wire, count: Math.ceil(seconds * (1 + WARM_SHARE) * BODIES_PER_SECOND) });
  const measured = new Map<Server, Measured>();
  for (const server of isLedgerFirst ? [ledger, discard] : [discard, ledger]) {
    measured.set(server, await measure(server, { ...wire, file, lanes: LANES, warmMs: seconds * WARM_SHARE * 1000, measureMs: seconds * 1000 }));
  }
  const pair = { durable: measured.get(ledger) ?? never(), discard: measured.get(discard) ?? never() };
  report.say(
    `${name}: ${whole(written.bytes / written.exports)} bytes and ${(written.records / written.exports).toFixed(1)} records each, ` +
      `durable ${whole(rate(pair.durable))}/s, discard ${whole(rate(pair.discard))}/s, ratio ${ratio(kept(pair))}`,
  );
  return pair;
}

function never(): never {
  throw new Error('A server was not measured.');
}

export async function measure(server: Server, order: Omit<LoadOrder, 'port'>): Promise<Measured> {
  const before = await server.usage();
  const result = await runLoad({ ...order, port: server.ports[order.transport] });
  const { cpuSeconds, rssBytes, writtenBytes } = await server.usage();
  if (result.refused > 0) throw new Error(`The ${server.mode} server refused ${result.refused} exports.`);
  if (result.exports === 0) throw new Error('No export was answered within the measured time; use a larger --seconds.');
  return {
    ...{ ...result, rssBytes },
    cpuMs: ((cpuSeconds - before.cpuSeconds) * 1000) / result.answered,
    writtenBytes: (writtenBytes - before.writtenBytes) / result.answered,
  };
}

export const rate = ({ exports, seconds }: LoadResult): number => exports / seconds;

interface Result {
  readonly name: string;
  readonly pairs: readonly Pair[];
  /** Median over the pairs. */
  of(pick: (pair: Pair) => number): number;
}

const kept = ({ durable, discard }: Pair): number => rate(durable) / rate(discard);

function present(results: readonly Result[], report: Report): void {
  report.table(
    'Ingest',
    ['', 'durable exports/s', 'records/s', 'discard exports/s', 'ratio', 'of each pair'],
    results.map(({ name, pairs, of }) => [
      ...[name, whole(of(({ durable }) => rate(durable))), whole(of(({ durable }) => durable.records / durable.seconds))],
      ...[whole(of(({ discard }) => rate(discard))), ratio(of(kept)), pairs.map((pair) => ratio(kept(pair))).join(', ')],
    ]),
  );
  report.table(
    `Latency of ingest, ${LANES} exports under way`,
    ['ms', 'durable p50', 'p99', 'discard p50', 'p99'],
    results.map((result) => [result.name, ...latencies(result, 'durable'), ...latencies(result, 'discard')]),
  );
  report.table(
    'What an export takes of the server',
    ['', 'durable CPU ms', 'kB written', 'RSS MB', 'discard CPU ms', 'RSS MB'],
    results.map((result) => [result.name, ...takes(result, 'durable'), ...takes(result, 'discard')]),
  );
  for (const result of results) {
    const share = result.of(kept);
    report.aim({
      name: `durable over discard: ${result.name}`,
      aim: `at least ${ratio(RATIO_AIM)}`,
      measured: ratio(share),
      isMet: share >= RATIO_AIM,
    });
  }
}

const latencies = ({ of }: Result, side: keyof Pair): string[] => [ms(of((pair) => pair[side].p50Ms)), ms(of((pair) => pair[side].p99Ms))];
const takes = ({ of }: Result, side: keyof Pair): string[] => {
  const all = [ratio(of((pair) => pair[side].cpuMs)), megabytes(of((pair) => pair[side].rssBytes))];
  // Discarding writes nothing.
  if (side === 'durable') all.splice(1, 0, whole(of((pair) => pair.durable.writtenBytes / 1000)));
  return all;
};
