/** Commands started in turn and timed to their end, so that what else the machine does meets all of them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { median, ms, type Report, ratio } from './report.ts';

export interface Start {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string | undefined;
  /** Just before each. */
  readonly before?: () => void;
}

export type Times = ReadonlyMap<string, readonly number[]>;

/** Milliseconds by name. The first round only warms up. */
export async function timeStarts(starts: readonly Start[], rounds: number): Promise<Times> {
  const times = new Map<string, number[]>(starts.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const start of starts) {
      const took = await time(start);
      if (round > 0) times.get(start.name)?.push(took);
    }
  }
  return times;
}

async function time({ command: [program, ...args], env, input = '', before }: Start): Promise<number> {
  before?.();
  const startedMs = performance.now();
  const child = spawn(program, args, { env: { ...env }, stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  const took = performance.now() - startedMs;
  if (code !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${code}.`);
  return took;
}

export const medianOf = (times: Times, name: string): number => median(times.get(name) ?? []);

const part = (values: readonly number[], share: number): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;

export function startTable(report: Report, title: string, times: Times, floor: string): void {
  const least = medianOf(times, floor);
  report.table(
    title,
    ['', 'least', 'median', '9 of 10', 'times the floor'],
    [...times].map(([name, own]) => [name, ms(Math.min(...own)), ms(median(own)), ms(part(own, 0.9)), ratio(median(own) / least)]),
  );
}
