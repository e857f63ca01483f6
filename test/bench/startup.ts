/**
 * How long `ledgerline report` takes from its start to its end (report-start.ts), and `serve` until it is ready, with and without what Node keeps
 * of compiled code.
 *   npm run bench:startup [rounds]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ANY_PORTS } from '../cli/command.ts';
import { wholeAboveZero } from './flags.ts';
import { killChildren } from './process.ts';
import { median, ms, Report } from './report.ts';
import { benchReportStart, COMMAND, environments } from './report-start.ts';

const ROUNDS = wholeAboveZero('rounds', process.argv[2] ?? '11');
const SERVE_ROUNDS = Math.max(3, Math.ceil(ROUNDS / 3));

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-startup-'));
const { kept, unkept } = environments(folder);

try {
  const report = new Report();
  await benchReportStart({ folder, rounds: ROUNDS }, report);
  const ready = { kept: await timesToReady(kept), unkept: await timesToReady(unkept) };
  report.table(
    `\`ledgerline serve\` until /readyz, ms of ${SERVE_ROUNDS} starts`,
    ['', 'least', 'median'],
    [
      ['compiled code kept', ms(Math.min(...ready.kept)), ms(median(ready.kept))],
      ['nothing kept', ms(Math.min(...ready.unkept)), ms(median(ready.unkept))],
    ],
  );
  console.log(report.aims);
} finally {
  killChildren();
  rmSync(folder, { recursive: true, force: true });
}

/** The first start only warms up. */
async function timesToReady(env: Readonly<Record<string, string>>): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round <= SERVE_ROUNDS; round++) times.push(await timeToReady(env));
  return times.slice(1);
}

async function timeToReady(env: Readonly<Record<string, string>>): Promise<number> {
  const startedMs = performance.now();
  const child = spawn('node', [COMMAND, 'serve', '--data', join(folder, 'served'), ...ANY_PORTS], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let out = '';
  for await (const part of child.stdout.setEncoding('utf8')) {
    out += part;
    if (out.includes('Press Ctrl+C to stop')) break;
  }
  const url = /boards and REST +(\S+)/.exec(out)?.[1];
  const answer = await fetch(new URL('/readyz', url));
  const took = performance.now() - startedMs;
  if (!answer.ok) throw new Error(`/readyz answered ${answer.status}`);
  child.kill('SIGTERM');
  await once(child, 'exit');
  return took;
}
