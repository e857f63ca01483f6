/** What is seen of the server every few seconds, and what it comes to. */

import type { Measured } from '../measure.ts';
import { median, megabytes, ms, ratio, whole } from '../report.ts';
import type { LoopDelay } from '../server.ts';

export interface Sample extends Measured {
  /** Since the start, at its end. */
  readonly atMs: number;
  readonly ledgerBytes: number;
  readonly walBytes: number;
  readonly loopDelay: LoopDelay;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const PARTS = 10;
/** Growth within the last half, as a share of what is there: what lies below is the garbage collector's rhythm. */
const STEADY_SHARE = 0.05;
const RSS_AIM_MB = 250;
/** Of the rate asked for: with less, exports waited, and what is seen is a server at its limit. */
const KEPT_UP = 0.97;

export const COLUMNS = [
  'minutes',
  'exports/s',
  'p50 ms',
  'p99 ms',
  'max ms',
  'loop p99 ms',
  'RSS MB',
  'most',
  'CPU ms',
  'kB written',
  'ledger MB',
  'WAL MB',
];

/** A row for each tenth of the time: medians, and of what matters the most. */
export function partRows(samples: readonly Sample[]): string[][] {
  const parts = Math.min(PARTS, samples.length);
  return Array.from({ length: parts }, (_, part) => {
    const [from, to] = [Math.floor((part * samples.length) / parts), Math.floor(((part + 1) * samples.length) / parts)];
    return partRow(samples.slice(from, to), samples[from - 1]?.atMs ?? 0);
  });
}

function partRow(samples: readonly Sample[], fromMs: number): string[] {
  const of = (pick: (sample: Sample) => number): number => median(samples.map(pick));
  const most = (pick: (sample: Sample) => number): number => Math.max(...samples.map(pick));
  const seconds = samples.reduce((sum, sample) => sum + sample.seconds, 0);
  return [
    `${minutes(fromMs)} to ${minutes(samples.at(-1)?.atMs ?? fromMs)}`,
    whole(samples.reduce((sum, sample) => sum + sample.exports, 0) / seconds),
    ...[ms(of(({ p50Ms }) => p50Ms)), ms(of(({ p99Ms }) => p99Ms)), ms(most(({ maxMs }) => maxMs)), ms(of(({ loopDelay }) => loopDelay.p99Ms))],
    ...[megabytes(of(({ rssBytes }) => rssBytes)), megabytes(most(({ rssBytes }) => rssBytes))],
    ...[ratio(of(({ cpuMs }) => cpuMs)), ms(of(({ writtenBytes }) => writtenBytes) / 1000)],
    ...[megabytes(most(({ ledgerBytes }) => ledgerBytes)), megabytes(most(({ walBytes }) => walBytes))],
  ];
}

const minutes = (atMs: number): string => String(Number((atMs / MINUTE_MS).toFixed(1)));

export interface Verdict {
  readonly isSteady: boolean;
  readonly isSmall: boolean;
  readonly hasKeptUp: boolean;
  readonly text: string;
}

/** `rate`: of exports per second, as asked for. */
export function verdictOf(samples: readonly Sample[], rate: number): Verdict {
  const half = samples.slice(Math.floor(samples.length / 2));
  const [first, last] = [half[0], half.at(-1)];
  if (first === undefined || last === undefined || first === last) throw new Error('There are too few samples for a verdict; use more --minutes.');
  const bytesAMs = slope(half.map(({ atMs, rssBytes }) => [atMs, rssBytes]));
  const share = (bytesAMs * (last.atMs - first.atMs)) / median(half.map(({ rssBytes }) => rssBytes));
  const mostMb = Math.max(...samples.map(({ rssBytes }) => rssBytes)) / 1e6;
  const answered = samples.reduce((sum, sample) => sum + sample.answered, 0) / ((samples.at(-1)?.atMs ?? 0) / 1000);
  const [isSteady, isSmall, hasKeptUp] = [share <= STEADY_SHARE, mostMb <= RSS_AIM_MB, answered >= rate * KEPT_UP];
  const signed = (value: number, digits: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
  const text =
    `Memory over the last half (${minutes(first.atMs)} to ${minutes(last.atMs)} minutes): ${signed((bytesAMs * HOUR_MS) / 1e6, 1)} MB an hour, ` +
    `${signed(share * 100, 1)} % within that time, ${isSteady ? 'steady' : '**growing**'} (a growth up to ${STEADY_SHARE * 100} % is steady). ` +
    `Most at any moment: ${whole(mostMb)} MB, ${isSmall ? 'within' : '**beyond**'} the aim of ${RSS_AIM_MB} MB. ` +
    `${whole(answered)} of ${whole(rate)} exports/s were answered: ${hasKeptUp ? 'it kept up' : 'it **did not keep up**'}.`;
  return { isSteady, isSmall, hasKeptUp, text };
}

/** Of the straight line with the least squares. */
export function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))];
  const covariance = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0);
  return covariance / points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
}
