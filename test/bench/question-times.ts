/** How long questions take, for who sees everything and for who sees one team. */

import type { Asking } from '../../collector/query/question.ts';
import { askingAs } from '../../collector/query/question.ts';
import type { AskedOften, Questions } from './question-setup.ts';
import { median } from './report.ts';

export interface Took {
  readonly medianMs: number;
  readonly slowestMs: number;
  /** CPU of the whole process for one. */
  readonly busyMs: number;
}

export interface Timed {
  readonly name: string;
  readonly isFast: boolean;
  readonly all: Took;
  readonly team: Took;
  /** The smallest query that reads the ledger, in the same run. */
  readonly floorMs: number;
}

const FLOOR = 25;

export async function timeQuestions({ asking, team, all }: Questions, times: number): Promise<Timed[]> {
  const ofTeam = askingAs(asking, team);
  const floor = await timesOf(FLOOR, () => floorQuery(asking));
  const timed: Timed[] = [];
  for (const one of all) {
    timed.push({
      name: nameOf(one),
      isFast: one.isFast,
      all: await timesOf(times, () => put(one, asking)),
      team: await timesOf(times, () => put(one, ofTeam)),
      floorMs: Math.max(floor.busyMs, 0.1),
    });
  }
  return timed;
}

const nameOf = ({ question: { path }, words, path: given }: AskedOften): string =>
  `${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => given[name] ?? name)}${words === '' ? '' : `?${words}`}`;

/** A scope may leave nothing of what is asked: that is an answer, too. */
async function put({ question, words, path }: AskedOften, asking: Asking): Promise<void> {
  try {
    await question.respond({ parameters: new URLSearchParams(words), path }, asking);
  } catch (error) {
    if (asking.scope === 'all') throw error;
  }
}

async function floorQuery({ reader, now }: Asking): Promise<void> {
  const fromMs = new Date(now()).setUTCDate(1);
  const day = 86_400_000;
  await reader.query({
    ...{ measures: ['cost'], by: ['team'], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 10_000 },
    fromMs: Math.floor(fromMs / day) * day,
  });
}

async function timesOf(times: number, run: () => Promise<void>): Promise<Took> {
  const took: number[] = [];
  const cpu = process.cpuUsage();
  for (let index = 0; index < times; index++) {
    const startedMs = performance.now();
    await run();
    took.push(performance.now() - startedMs);
  }
  const { user, system } = process.cpuUsage(cpu);
  return { medianMs: median(took), slowestMs: Math.max(...took), busyMs: (user + system) / 1000 / times };
}
