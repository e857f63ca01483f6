/** docs/benchmarks.md: what was measured, on what, how, and how far to trust it; and below it what other benches found, which is kept. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { fsyncMs } from './disk.ts';
import { HEAD, METHOD } from './method.ts';
import { ms, type Report, whole } from './report.ts';

const PROJECT = join(import.meta.dirname, '../..');
const PAGE = join(PROJECT, 'docs/benchmarks.md');

/** One line for each fact that the figures depend on. */
export function machine(folder: string): string[] {
  const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { version: string };
  return [
    `- ${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${whole(totalmem() / 2 ** 30)} GB, ${type()} ${release()}`,
    `- Ledgerline ${version}${commit()}, Node ${process.versions.node}, SQLite ${process.versions.sqlite}`,
    `- ${new Date().toISOString().slice(0, 10)}, load of the machine in the minute before: ${loadavg()[0]?.toFixed(1)}`,
    `- 4 kB written and synced to disk: ${ms(fsyncMs(folder))} ms (median of 200)`,
  ];
}

function commit(): string {
  try {
    return ` (${execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: PROJECT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()})`;
  } catch {
    // An archive without git says its version only.
    return '';
  }
}

/** The first of these begins what other benches printed, and people wrote. */
const KEPT = ['\n## Soak\n', '\n## Forecast accuracy\n'];

/** @throws where it begins with none of them: to go on would lose it. */
export function keptOf(page: string): string {
  const starts = KEPT.map((heading) => page.indexOf(heading)).filter((at) => at !== -1);
  if (starts.length > 0) return page.slice(Math.min(...starts) + 1);
  throw new Error('docs/benchmarks.md has neither ## Soak nor ## Forecast accuracy, from where on --write keeps what is there.');
}

const read = (): string => readFileSync(PAGE, 'utf8');

/** Before an hour is spent on it. @throws as keptOf */
export const checkPage = (): void => void keptOf(read());

export interface PageRun {
  readonly report: Pick<Report, 'aims' | 'markdown'>;
  readonly about: readonly string[];
  readonly seconds: number;
  /** What is to be known about this very run. */
  readonly remark: string | undefined;
}

export const writePage = (run: PageRun): void => writeFileSync(PAGE, pageOf(read(), run));

export function pageOf(old: string, { report, about, seconds, remark }: PageRun): string {
  const parts = [
    HEAD,
    ...(remark === undefined ? [] : [remark]),
    `## Aims\n\n${report.aims}`,
    report.markdown,
    `## The machine\n\n${about.join('\n')}
- The load generator ran on the same cores, and so did whatever else the machine did. The run took ${whole(seconds / 60)} minutes.`,
    METHOD,
    keptOf(old),
  ];
  return parts.join('\n\n');
}
