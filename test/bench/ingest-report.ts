/** What was measured of ingest as tables, and how it compares with the aims. */
import type { Case } from './cases.ts';
import { type Measured, rate } from './measure.ts';
import type { PeerMeasured } from './peer.ts';
import { median, megabytes, ms, type Report, ratio, whole } from './report.ts';

export interface Round {
  readonly bodyBytes: number;
  readonly durable: Measured;
  readonly discard: Measured;
  /** Undefined without a peer, and on the lines whose transport it does not have. */
  readonly peer: PeerMeasured | undefined;
  /** Why it is, where the peer did not take all. */
  readonly peerFailed: string | undefined;
}

export interface Result {
  readonly name: string;
  readonly load: Case['load'];
  readonly peerFailed: string | undefined;
  readonly rounds: readonly Round[];
}

const CPU_AIM = 3;
const PEER_AIM = 2;
const WRITTEN_AIM_KB = 15;
const RSS_AIM_MB = 250;
const SPREAD_AIM = 2;
/** There is none. */
const EMPTY = '';

type Pick = (round: Round) => number | undefined;
type Format = (value: number) => string;

/** Of each round that has it. */
const each = ({ rounds }: Result, pick: Pick): number[] => rounds.flatMap((round) => pick(round) ?? []);
/** Median over the rounds. */
const of = (result: Result, pick: (round: Round) => number): number => median(each(result, pick));

const cpuShare = ({ durable, discard }: Round): number => durable.cpuMs / discard.cpuMs;
const overPeer = ({ durable, peer }: Round): number | undefined => peer && rate(durable) / rate(peer);
const spread = ({ durable }: Round): number => durable.p99Ms / durable.p50Ms;

export function presentIngest(results: readonly Result[], lanes: number, report: Report): void {
  const table = (title: string, corner: string, all: readonly Column[]): void => {
    const columns = all.filter(({ pick }) => results.some((result) => each(result, pick).length > 0));
    const rows = results.map((result) => [result.name, ...columns.map((column) => cell(result, column))]);
    report.table(title, [corner, ...columns.map(({ head }) => head)], rows);
  };
  table('Ingest', '', RATES);
  for (const { name, peerFailed } of results) if (peerFailed !== undefined) report.note(`The peer has no figures of ${name}: ${peerFailed}`);
  table(`Latency of ingest, ${lanes} exports under way`, 'ms', LATENCIES);
  table('What an export takes of the server', '', TAKEN);
  for (const result of results) aimAtCpu(result, report);
  for (const result of results) aimAtPeer(result, report);
  for (const load of ['live', 'backfill'] as const) {
    const [first, ...others] = results.filter((result) => result.load === load);
    if (first !== undefined) aimAtMost(load, [first, ...others], report);
  }
}

/** A column that no line has anything for, such as those of a peer that is not there, is left out. */
interface Column {
  readonly head: string;
  readonly pick: Pick;
  readonly format: Format;
  /** Each round by itself instead of the median. */
  readonly isEach?: true;
}

function cell(result: Result, { pick, format, isEach }: Column): string {
  const values = each(result, pick);
  if (values.length === 0) return EMPTY;
  return isEach ? values.map(format).join(', ') : format(median(values));
}

const RATES: readonly Column[] = [
  { head: 'durable exports/s', pick: ({ durable }) => rate(durable), format: whole },
  { head: 'records/s', pick: ({ durable }) => durable.records / durable.seconds, format: whole },
  { head: 'discard exports/s', pick: ({ discard }) => rate(discard), format: whole },
  { head: 'peer exports/s', pick: ({ peer }) => peer && rate(peer), format: whole },
  { head: 'durable over peer', pick: overPeer, format: ratio },
  { head: 'of each round', pick: overPeer, format: ratio, isEach: true },
];

const LATENCIES: readonly Column[] = [
  { head: 'durable p50', pick: ({ durable }) => durable.p50Ms, format: ms },
  { head: 'p99', pick: ({ durable }) => durable.p99Ms, format: ms },
  { head: 'p99/p50', pick: spread, format: ratio },
  { head: 'discard p50', pick: ({ discard }) => discard.p50Ms, format: ms },
  { head: 'p99', pick: ({ discard }) => discard.p99Ms, format: ms },
  { head: 'peer p50', pick: ({ peer }) => peer?.p50Ms, format: ms },
  { head: 'p99', pick: ({ peer }) => peer?.p99Ms, format: ms },
];

const kilobytes: Format = (bytes) => ms(bytes / 1000);

const TAKEN: readonly Column[] = [
  { head: 'durable CPU ms', pick: ({ durable }) => durable.cpuMs, format: ratio },
  { head: 'discard CPU ms', pick: ({ discard }) => discard.cpuMs, format: ratio },
  { head: 'ratio', pick: cpuShare, format: ratio },
  { head: 'of each round', pick: cpuShare, format: ratio, isEach: true },
  { head: 'kB of a body', pick: ({ bodyBytes }) => bodyBytes, format: kilobytes },
  { head: 'kB written', pick: ({ durable }) => durable.writtenBytes, format: kilobytes },
  { head: 'durable RSS MB', pick: ({ durable }) => durable.rssBytes, format: megabytes },
  { head: 'discard RSS MB', pick: ({ discard }) => discard.rssBytes, format: megabytes },
  { head: 'peer CPU ms', pick: ({ peer }) => peer?.cpuMs, format: ratio },
  { head: 'peer kB written', pick: ({ peer }) => peer?.writtenBytes, format: kilobytes },
  { head: 'peer RSS MB', pick: ({ peer }) => peer?.rssBytes, format: megabytes },
];

function aimAtCpu(result: Result, report: Report): void {
  const share = of(result, cpuShare);
  report.aim({
    name: `CPU, durable over discard: ${result.name}`,
    aim: `at most ${ratio(CPU_AIM)}`,
    measured: ratio(share),
    isMet: share <= CPU_AIM,
  });
}

function aimAtPeer(result: Result, report: Report): void {
  const all = each(result, overPeer);
  if (all.length === 0) return;
  const share = median(all);
  report.aim({
    name: `exports/s, durable over peer: ${result.name}`,
    aim: `at least ${ratio(PEER_AIM)}`,
    measured: ratio(share),
    isMet: share >= PEER_AIM,
  });
}

/** By the line that is furthest from each aim. */
function aimAtMost(load: Case['load'], results: readonly [Result, ...Result[]], report: Report): void {
  const worst = (
    name: (line: string) => string,
    aim: string,
    pick: (round: Round) => number,
    most: number,
    say: (result: Result) => string,
  ): void => {
    const [first, ...others] = results;
    const found = others.reduce((one, other) => (of(other, pick) > of(one, pick) ? other : one), first);
    report.aim({ name: name(found.name), aim, measured: say(found), isMet: of(found, pick) <= most });
  };
  const written = ({ durable }: Round): number => durable.writtenBytes / 1000;
  const body = ({ bodyBytes }: Round): number => bodyBytes / 1000;
  const rss = ({ durable }: Round): number => durable.rssBytes / 1e6;
  const floor = ({ discard }: Round): number => discard.rssBytes / 1e6;
  worst(
    (line) => `written per export, ${load}: most, with ${line}`,
    `at most ${WRITTEN_AIM_KB} kB`,
    written,
    WRITTEN_AIM_KB,
    (found) => `${ms(of(found, written))} kB (a body has ${ms(of(found, body))})`,
  );
  // One process takes all lines, and gives little back: what it has comes of those before, too.
  worst(
    (line) => `memory, ${load}: most, after ${line}`,
    `at most ${RSS_AIM_MB} MB`,
    rss,
    RSS_AIM_MB,
    (found) => `${whole(of(found, rss))} MB (discard ${whole(of(found, floor))})`,
  );
  worst(
    (line) => `latency, p99 over p50, ${load}: most, with ${line}`,
    `at most ${ratio(SPREAD_AIM)}`,
    spread,
    SPREAD_AIM,
    (found) => ratio(of(found, spread)),
  );
}
