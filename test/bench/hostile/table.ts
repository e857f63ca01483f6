/** The bench's table, and which of its rows miss an aim. */
import type { Round } from './battle.ts';

export const AIM_STALL_MS = 250;
export const AIM_PEAK_BYTES = 600e6;

/** What an attack did that it should not be able to do; empty when it did none of it. */
export function missesOf({ figures, peakBytes, endedAs, faults, seen }: Round): string[] {
  const misses: string[] = [];
  if (endedAs !== undefined) misses.push(`ended (${endedAs})`);
  if (figures.exports.p99Ms >= AIM_STALL_MS) misses.push('stall');
  if (figures.health.p99Ms >= AIM_STALL_MS) misses.push('health');
  if ((peakBytes ?? 0) >= AIM_PEAK_BYTES) misses.push('memory');
  if (figures.failed > 0) misses.push('exports failed');
  if (figures.unhealthy > 0) misses.push('not healthy');
  if (figures.unread > 0) misses.push('reader failed');
  if (faults > 0) misses.push('5xx');
  if (seen.includes('**')) misses.push('left behind');
  return misses;
}

const COLUMNS = [
  'attack',
  'p50 ms',
  'p99',
  'max',
  'health p99',
  'max',
  'read p99',
  'peak MB',
  'after MB',
  'heap',
  'failed',
  'calm after s',
  'misses',
  'what the attacker saw',
];

const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
const megabytes = (bytes: number | undefined): string => (bytes === undefined ? '–' : String(Math.round(bytes / 1e6)));

function cells(round: Round): string[] {
  const { name, figures, peakBytes, restBytes, heapBytes, calmSeconds, seen } = round;
  const { exports, health, reads, failed, unhealthy, unread } = figures;
  const waits = [exports.p50Ms, exports.p99Ms, exports.maxMs, health.p99Ms, health.maxMs, reads.p99Ms].map(ms);
  const memory = [peakBytes, restBytes, heapBytes].map(megabytes);
  const misses = missesOf(round);
  return [
    name,
    ...waits,
    ...memory,
    `${failed}, ${unhealthy}, ${unread}`,
    calmSeconds.toFixed(1),
    misses.length === 0 ? 'none' : `**${misses.join(', ')}**`,
    seen,
  ];
}

const line = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;

export const head = (): string => [line(COLUMNS), line(COLUMNS.map((_, index) => (index === 0 || index > 11 ? '---' : '---:')))].join('\n');
export const row = (round: Round): string => line(cells(round));

const PAGE_COLUMNS = ['Attack', 'What is sent', 'p50 ms', 'p99', 'max', 'health p99', 'peak MB', 'failed', 'misses'];

/** For docs/benchmarks.md: fewer columns, and what each attack is. */
export function pageTable(rounds: readonly Round[]): string {
  const rows = rounds.map((round) => {
    const { name, what, figures, peakBytes } = round;
    const { exports, health, failed, unhealthy, unread } = figures;
    const waits = [exports.p50Ms, exports.p99Ms, exports.maxMs, health.p99Ms].map(ms);
    const misses = missesOf(round).join(', ') || 'none';
    return line([`\`${name}\``, what, ...waits, megabytes(peakBytes), String(failed + unhealthy + unread), misses]);
  });
  return [line(PAGE_COLUMNS), line(PAGE_COLUMNS.map((_, index) => (index < 2 || index === 8 ? '---' : '---:'))), ...rows].join('\n');
}
