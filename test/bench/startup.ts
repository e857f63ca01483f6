/**
 * How long `ledgerline report` takes from its start to its end, and `serve` until it is ready, with and without what Node keeps of compiled
 * code, beside Node 26 doing nothing, started by the same launcher in the same rounds.
 *   npm run bench:startup [rounds]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDemo } from '../../collector/demo/demo.ts';
import { ANY_PORTS, RunningCommand } from '../cli/command.ts';
import { PROJECT } from '../support/sources.ts';
import { median, ms, Report, ratio } from './report.ts';
import { medianOf, type Start, startTable, timeStarts } from './starts.ts';

const ROUNDS = Number(process.argv[2] ?? 11);
const SERVE_ROUNDS = Math.max(3, Math.ceil(ROUNDS / 3));
const AIM_MS = 150;
const AIM_FLOORS = 2;
const COMMAND = join(PROJECT, 'bin/ledgerline.mjs');
const LAUNCHER = join(PROJECT, 'bin/node26.mjs');

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-startup-'));
const data = join(folder, 'data');
const { PATH = '' } = process.env;
const kept = { PATH, HOME: folder };
const unkept = { ...kept, NODE_DISABLE_COMPILE_CACHE: '1' };

const FLOOR = 'Node 26 that does nothing, by the launcher';
const REPORT = '`report`, the file';
const STARTS: readonly Start[] = [
  { name: FLOOR, command: ['node', LAUNCHER, '-e', '0'], env: kept },
  { name: 'Node 26 that does nothing', command: [process.execPath, '-e', '0'], env: kept },
  { name: REPORT, command: ['node', COMMAND, 'report', '--data', data], env: kept },
  { name: '`report`, the file, on Node 26', command: [process.execPath, COMMAND, 'report', '--data', data], env: kept },
  { name: '`report`, the file, nothing kept', command: ['node', COMMAND, 'report', '--data', data], env: unkept },
];

const collector = new RunningCommand(['serve', '--data', data, ...ANY_PORTS]);
try {
  const url = await collector.boardUrl();
  const demo = startDemo({ url: collector.otlpUrl, log: () => undefined, days: 4 });
  await demo.filled;
  await demo.stop();
  const asking: Start = { name: '`report`, asking a collector', command: ['node', COMMAND, 'report', '--url', url], env: kept };
  const times = await timeStarts([...STARTS, asking], ROUNDS);
  const report = new Report();
  startTable(report, `Start of \`ledgerline report\`, ms of ${ROUNDS} rounds`, times, FLOOR);
  const [own, floor] = [medianOf(times, REPORT), medianOf(times, FLOOR)];
  report.aim({
    name: REPORT,
    aim: `under ${AIM_MS} ms, or ${AIM_FLOORS} times the floor`,
    measured: `${ms(own)} ms, ${ratio(own / floor)}`,
    isMet: own < AIM_MS || own < AIM_FLOORS * floor,
  });
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
  await collector.stop();
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
