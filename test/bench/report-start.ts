/**
 * How long `ledgerline report` takes from its start to its end, with and without what Node keeps of compiled code, beside Node 26 doing nothing,
 * started by the same launcher in the same rounds.
 */
import { join } from 'node:path';
import { startDemo } from '../../collector/demo/demo.ts';
import { PROJECT } from '../support/sources.ts';
import { startServer } from './process.ts';
import { ms, type Report, ratio } from './report.ts';
import { medianOf, type Start, startTable, timeStarts } from './starts.ts';

export interface ReportStartOptions {
  readonly folder: string;
  readonly rounds: number;
}

type Env = Readonly<Record<string, string>>;

/** Of a small ledger. */
const DAYS = 4;
const AIM_MS = 150;
const AIM_FLOORS = 2;
export const COMMAND = join(PROJECT, 'bin/ledgerline.mjs');
const LAUNCHER = join(PROJECT, 'bin/node26.mjs');
const FLOOR = 'Node 26 that does nothing, by the launcher';
const REPORT = '`report`, the file';

/** Compiled code is kept below the folder, or not at all. */
export function environments(folder: string): { readonly kept: Env; readonly unkept: Env } {
  const kept = { PATH: process.env.PATH ?? '', HOME: folder };
  return { kept, unkept: { ...kept, NODE_DISABLE_COMPILE_CACHE: '1' } };
}

export async function benchReportStart({ folder, rounds }: ReportStartOptions, report: Report): Promise<void> {
  const data = join(folder, 'report');
  const server = await startServer('ledger', data);
  const demo = startDemo({ url: `http://127.0.0.1:${server.ports.http}`, log: () => undefined, days: DAYS });
  await demo.filled;
  await demo.stop();
  const times = await timeStarts(startsOf(folder, data, `http://127.0.0.1:${server.ports.api}`), rounds);
  await server.stop();
  startTable(report, `Start of \`ledgerline report\`, ms of ${rounds} rounds`, times, FLOOR);
  const [own, floor] = [medianOf(times, REPORT), medianOf(times, FLOOR)];
  report.aim({
    name: `start of ${REPORT}`,
    aim: `under ${AIM_MS} ms, or ${AIM_FLOORS} times the floor`,
    measured: `${ms(own)} ms, ${ratio(own / floor)}`,
    isMet: own < AIM_MS || own < AIM_FLOORS * floor,
  });
}

function startsOf(folder: string, data: string, url: string): readonly Start[] {
  const { kept, unkept } = environments(folder);
  const fromFile = ['report', '--data', data] as const;
  return [
    { name: FLOOR, command: ['node', LAUNCHER, '-e', '0'], env: kept },
    { name: 'Node 26 that does nothing', command: [process.execPath, '-e', '0'], env: kept },
    { name: REPORT, command: ['node', COMMAND, ...fromFile], env: kept },
    { name: '`report`, the file, on Node 26', command: [process.execPath, COMMAND, ...fromFile], env: kept },
    { name: '`report`, the file, nothing kept', command: ['node', COMMAND, ...fromFile], env: unkept },
    { name: '`report`, asking a collector', command: ['node', COMMAND, 'report', '--url', url], env: kept },
  ];
}
