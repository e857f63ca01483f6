/** What keeping costs: durable exports each second, beside the same receivers that decode and throw away, and a peer where there is one. */
import { join } from 'node:path';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import type { Bodies } from './bodies.ts';
import { type Case, WIRES } from './cases.ts';
import { presentIngest, type Result, type Round } from './ingest-report.ts';
import { CALENDAR, ledgerFileIn } from './ledger-file.ts';
import { measure, rate, sendTo } from './measure.ts';
import { measurePeer, type Peer } from './peer.ts';
import { type Server, startServer } from './process.ts';
import { type Report, ratio, whole } from './report.ts';
import { settleRollups } from './settle.ts';

export interface IngestOptions {
  readonly folder: string;
  readonly bodies: Bodies;
  readonly seconds: number;
  readonly repeats: number;
  readonly cases: readonly Case[];
  readonly isQuick: boolean;
  readonly profile: string | undefined;
  readonly peer: Peer | undefined;
}

interface Loaded {
  readonly ledger: Server;
  readonly discard: Server;
  readonly peer: Peer | undefined;
}

export const LANES = 64;
/** About what the faster server can take, so that no file is larger than it need be. */
export const BODIES_PER_SECOND = 7_000;
const WARM_SHARE = 0.2;
const WARM_UP_BODIES = 12_000;
const dataIn = (folder: string): string => join(folder, 'ingest');

/** Resolves to the folder of the ledger that was filled by it; nobody has it open then. */
export async function benchIngest(options: IngestOptions, report: Report): Promise<string> {
  const data = dataIn(options.folder);
  const [ledger, discard] = [await startServer('ledger', data, options.profile), await startServer('discard', data)];
  const loaded = { ledger, discard, peer: options.peer };
  await warmUp(options, loaded, report);
  const results: Result[] = [];
  for (const line of options.cases) results.push(await measureLine(line, options, loaded, report));
  for (const server of [ledger, discard]) await server.stop();
  presentIngest(results, LANES, report);
  await assertAllNew(data, report);
  return data;
}

/** A duplicate costs less than an entry: had bodies repeated, the figures would flatter. */
export async function assertAllNew(data: string, report: Report): Promise<void> {
  const reader = openReader({ file: ledgerFileIn(data), ...CALENDAR });
  const { appended, duplicates, conflicts } = (await reader.status()).counters;
  await reader.close();
  report.note(`All this became ${whole(appended)} entries, with ${whole(duplicates)} duplicates and ${whole(conflicts)} conflicts.`);
  if (duplicates + conflicts > appended / 1000) throw new Error('Bodies were sent twice: the figures of ingest are not to be trusted.');
}

/** The same people in other sessions: compiles what runs often, and lets the ledger meet everyone once. */
async function warmUp({ folder, bodies, cases, isQuick }: IngestOptions, { ledger, discard, peer }: Loaded, report: Report): Promise<void> {
  const file = join(folder, 'warm-up');
  const count = isQuick ? WARM_UP_BODIES / 10 : WARM_UP_BODIES;
  const wires = WIRES.map(([, wire]) => wire).filter(({ transport, encoding }) =>
    cases.some(({ wire }) => wire.transport === transport && wire.encoding === encoding),
  );
  for (const wire of wires) {
    report.say(`warming up, ${wire.transport} ${wire.encoding}`);
    await bodies.write({ ...wire, file, load: 'live', signals: ['logs', 'metrics'], count: Math.ceil(count / wires.length) });
    const order = { ...wire, file, lanes: LANES, warmMs: 0, measureMs: 60_000 };
    for (const server of [ledger, discard]) await sendTo(server, order);
    const warmed = peer && (await measurePeer(peer, order));
    if (warmed !== undefined && 'failed' in warmed) report.note(`While warming up, ${wire.transport} ${wire.encoding}: ${warmed.failed}`);
  }
}

/** A peer that did not take all of a line is left out of it: what it did take may be the easier part. */
async function measureLine(line: Case, options: IngestOptions, loaded: Loaded, report: Report): Promise<Result> {
  const rounds: Round[] = [];
  let { peer } = loaded;
  let peerFailed: string | undefined;
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    const round = await measureRound(line, options, { ...loaded, peer }, repeat, report);
    rounds.push(round);
    if (round.peerFailed === undefined) continue;
    peerFailed = round.peerFailed;
    peer = undefined;
  }
  const { name, load } = line;
  return { name, load, peerFailed, rounds: peerFailed === undefined ? rounds : rounds.map((round) => ({ ...round, peer: undefined })) };
}

/** All servers with the same bodies, in turns; another begins with each round. */
async function measureRound(
  { name, load, signals, wire }: Case,
  { folder, bodies, seconds }: IngestOptions,
  { ledger, discard, peer }: Loaded,
  repeat: number,
  report: Report,
): Promise<Round> {
  const file = join(folder, 'bodies');
  const written = await bodies.write({ file, load, signals, ...wire, count: Math.ceil(seconds * (1 + WARM_SHARE) * BODIES_PER_SECOND) });
  const order = { ...wire, file, lanes: LANES, warmMs: seconds * WARM_SHARE * 1000, measureMs: seconds * 1000 };
  const turns: (() => Promise<Partial<Round>>)[] = [
    async () => {
      await settleRollups(ledger, { folder, bodies, data: dataIn(folder), lanes: LANES });
      return { durable: await measure(ledger, order) };
    },
    async () => ({ discard: await measure(discard, order) }),
    async () => {
      const found = peer && (await measurePeer(peer, order));
      return found !== undefined && 'failed' in found ? { peerFailed: found.failed } : { peer: found };
    },
  ];
  const first = repeat % turns.length;
  let found: Partial<Round> = { bodyBytes: written.bytes / written.exports };
  for (const turn of [...turns.slice(first), ...turns.slice(0, first)]) found = { ...found, ...(await turn()) };
  const round = complete(found);
  report.say(
    `${name}: ${whole(round.bodyBytes)} bytes and ${(written.records / written.exports).toFixed(1)} records each, ` +
      `durable ${whole(rate(round.durable))}/s, ${ratio(round.durable.cpuMs)} ms CPU, discard ${whole(rate(round.discard))}/s, ` +
      `${ratio(round.discard.cpuMs)} ms CPU${round.peer === undefined ? '' : `, peer ${whole(rate(round.peer))}/s`}`,
  );
  if (round.peerFailed !== undefined) report.say(`${name}: ${round.peerFailed}`);
  return round;
}

function complete({ bodyBytes, durable, discard, peer, peerFailed }: Partial<Round>): Round {
  if (bodyBytes === undefined || durable === undefined || discard === undefined) throw new Error('A server was not measured.');
  return { bodyBytes, durable, discard, peer, peerFailed };
}
