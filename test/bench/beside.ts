/** What readers do to the exports that arrive meanwhile: the same rate without any, with scrapes and with a board, in turns. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Bodies } from './bodies.ts';
import { LANES } from './ingest.ts';
import type { LoadResult } from './load.ts';
import { measure } from './measure.ts';
import type { Server } from './process.ts';
import { median, ms, type Report, ratio } from './report.ts';

export interface BesideOptions {
  readonly folder: string;
  readonly nowMs: number;
  readonly seconds: number;
  readonly repeats: number;
}

export interface Reader {
  readonly name: string;
  read(): Promise<unknown>;
}

const EVERY_MS = 2_000;
/** Exports per second: what some 1,400 active developers send. */
const RATE = 300;
const WARM_MS = 2_000;
const P99_AIM = 1.1;
/** The exports come from few people, so that the number of series stays what it is. */
const SENDERS = 60;
const NOBODY: Reader = { name: 'nobody', read: async () => undefined };
/** The floor of noise: how far turns are apart in which nothing is different. */
const NOBODY_AGAIN: Reader = { ...NOBODY, name: 'nobody again' };

export async function benchBeside(server: Server, readers: readonly Reader[], options: BesideOptions, report: Report): Promise<void> {
  const turn = turns(server, options, report);
  // Compiles what all of them run.
  await turn(NOBODY);
  const all = [NOBODY, ...readers, NOBODY_AGAIN];
  const results = new Map<Reader, LoadResult[]>(all.map((reader) => [reader, []]));
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    const first = repeat % all.length;
    for (const reader of [...all.slice(first), ...all.slice(0, first)]) results.get(reader)?.push(await turn(reader));
  }
  report.table(
    `Latency of logs at ${RATE} exports/s beside readers, each every ${EVERY_MS / 1000} s`,
    ['ms', 'p50', 'p99', 'max'],
    [...results].map(([{ name }, found]) => [
      name,
      ...(['p50Ms', 'p99Ms', 'maxMs'] as const).map((key) => ms(median(found.map((result) => result[key])))),
    ]),
  );
  const without = results.get(NOBODY) ?? [];
  const overWithout = (reader: Reader): number =>
    median((results.get(reader) ?? []).map(({ p99Ms }, index) => p99Ms / (without[index]?.p99Ms ?? p99Ms)));
  for (const reader of readers) {
    const share = overWithout(reader);
    report.aim({
      name: `ingest p99 beside ${reader.name} over beside nobody`,
      aim: `under ${ratio(P99_AIM)}`,
      measured: `${ratio(share)} (nobody again ${ratio(overWithout(NOBODY_AGAIN))})`,
      isMet: share < P99_AIM,
    });
  }
}

function turns(server: Server, { folder, nowMs, seconds }: BesideOptions, report: Report): (reader: Reader) => Promise<LoadResult> {
  const bodies = new Bodies(SENDERS, nowMs);
  const file = join(folder, 'bodies');
  const order = { file, transport: 'http', encoding: 'protobuf', gzip: false, lanes: LANES, rate: RATE, measureMs: seconds * 1000 } as const;
  const count = Math.ceil((RATE * (WARM_MS + order.measureMs)) / 1000);
  return async (reader) => {
    await bodies.write({ ...order, load: 'live', signals: ['logs'], count });
    const stop = new AbortController();
    const reading = readEvery(reader, stop.signal);
    const result = await measure(server, { ...order, warmMs: WARM_MS });
    stop.abort();
    const times = await reading;
    report.say(`${RATE} exports/s beside ${reader.name}${reader.read === NOBODY.read ? '' : `, ${times} times`}: p99 ${ms(result.p99Ms)} ms`);
    return result;
  };
}

async function readEvery(reader: Reader, signal: AbortSignal): Promise<number> {
  for (let times = 0; ; times++) {
    await wait(EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return times;
    await reader.read();
  }
}
