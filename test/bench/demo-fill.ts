/** How long the past of the demo takes to be in a ledger, beside the same exports sent to what decodes and throws away. */
import { join } from 'node:path';
import { startDemo } from '../../collector/demo/demo.ts';
import { startServer } from './process.ts';
import { median, ms, type Report, ratio } from './report.ts';
import type { Mode } from './server.ts';

export interface DemoFillOptions {
  readonly folder: string;
  readonly nowMs: number;
  readonly days: number;
  readonly repeats: number;
}

const AIM_S = 5;
const MODES: readonly Mode[] = ['ledger', 'discard'];

/** Resolves to the folder of a ledger that was filled by it; nobody has it open then. */
export async function benchDemoFill(options: DemoFillOptions, report: Report): Promise<string> {
  const dataOf = (repeat: number): string => join(options.folder, `demo-${repeat}`);
  const seconds: Record<Mode, number[]> = { ledger: [], discard: [] };
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    for (const mode of repeat % 2 === 0 ? MODES : MODES.toReversed()) seconds[mode].push(await fillOnce(mode, dataOf(repeat), options));
    report.say(`${options.days} days of the demo: ${MODES.map((mode) => `${mode} ${ms(seconds[mode].at(-1) ?? 0)} s`).join(', ')}`);
  }
  present(seconds, options, report);
  return dataOf(0);
}

async function fillOnce(mode: Mode, data: string, { nowMs, days }: DemoFillOptions): Promise<number> {
  const server = await startServer(mode, data);
  const startedMs = performance.now();
  const demo = startDemo({ url: `http://127.0.0.1:${server.ports.http}`, log: () => undefined, now: () => nowMs, days });
  await demo.filled;
  const seconds = (performance.now() - startedMs) / 1000;
  await demo.stop();
  await server.stop();
  return seconds;
}

function present({ ledger, discard }: Readonly<Record<Mode, readonly number[]>>, { days }: DemoFillOptions, report: Report): void {
  const over = ledger.map((took, repeat) => took / (discard[repeat] ?? took));
  const row = (name: string, times: readonly number[]): string[] => [name, ms(median(times)), ms(Math.min(...times)), ms(Math.max(...times))];
  report.table(`${days} days of the demo, s`, ['', 'median', 'fastest', 'slowest'], [row('durable', ledger), row('discard', discard)]);
  const took = median(ledger);
  report.aim({
    name: `${days} days of the demo`,
    aim: `under ${AIM_S} s`,
    measured: `${ms(took)} s (discard ${ms(median(discard))}, ratio ${ratio(median(over))})`,
    isMet: took < AIM_S,
  });
}
