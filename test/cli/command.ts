/** The command as tests use it: within this process for what it prints, as a process of its own for how it lives and ends. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createProgram } from '../../collector/cli/program.ts';
import { waitFor } from '../support/wait.ts';

const CLI = join(import.meta.dirname, '../../collector/cli/main.ts');

interface Surroundings {
  readonly now?: number;
  readonly env?: Record<string, string>;
  /** As of a terminal so many columns wide. Without it, as of a pipe. */
  readonly columns?: number;
  /** What whoever sits there answers. */
  readonly ask?: (question: string) => Promise<string>;
}

export interface Outcome {
  readonly text: string;
  /** 0 unless the command set another. */
  readonly code: number;
}

/**
 * What a command prints at a given time, in a process without colors, and the exit code that it sets. The code belongs to the process,
 * which runs other tests, too: it is left as it was.
 */
export async function outcome(args: readonly string[], { now = 0, env = {}, columns, ask }: Surroundings = {}): Promise<Outcome> {
  const lines: string[] = [];
  const out = (text: string): unknown => lines.push(text);
  // Whether an answer takes long enough for a sign of life is up to the machine.
  const err = (text: string): unknown => text.endsWith(' …') || out(text);
  const program = await createProgram({ out, err, env, now: () => now, color: false, columns, ...(ask !== undefined && { ask }) });
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await program.parseAsync(args, { from: 'user' });
    return { text: lines.join('\n'), code: Number(process.exitCode) };
  } finally {
    process.exitCode = before;
  }
}

export const printed = async (args: readonly string[], surroundings?: Surroundings): Promise<string> => (await outcome(args, surroundings)).text;

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  readonly input?: string;
  /** Descriptors of files that it writes to. Without them, `out` and `err` have what it says. */
  readonly stdout?: number;
  readonly stderr?: number;
}

export class RunningCommand {
  readonly child: ChildProcess;
  out = '';
  err = '';
  /** Resolves once all of its words are here, too. */
  readonly #ended: Promise<unknown>;
  #hasEnded = false;

  constructor(args: readonly string[], { cwd, env = {}, input = '', stdout, stderr }: CommandOptions = {}) {
    const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
    const options = {
      env: { PATH, NODE_COMPILE_CACHE, ...env },
      stdio: ['pipe', stdout ?? 'pipe', stderr ?? 'pipe'] satisfies StdioOptions,
      ...(cwd !== undefined && { cwd }),
    };
    this.child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, ...args], options);
    this.child.stdout?.on('data', (part) => {
      this.out += part;
    });
    this.child.stderr?.on('data', (part) => {
      this.err += part;
    });
    this.child.stdin?.end(input);
    this.#ended = once(this.child, 'close').finally(() => {
      this.#hasEnded = true;
    });
  }

  async finished(): Promise<Finished> {
    await this.#ended;
    return { code: this.child.exitCode, out: this.out, err: this.err };
  }

  /** Where it says its boards are. */
  async boardUrl(): Promise<string> {
    const context = () => this.out + this.err;
    await waitFor('the collector to say where it listens', () => this.out.includes('Press Ctrl+C to stop') || this.#hasEnded, { context });
    const url = /boards and REST +(\S+)/.exec(this.out)?.[1];
    if (url === undefined) throw new Error(`The collector did not start: ${this.err}`);
    return url;
  }

  get otlpUrl(): string {
    return /OTLP over HTTP +(\S+)/.exec(this.out)?.[1] ?? '';
  }

  async stop(signal: 'SIGINT' | 'SIGTERM' = 'SIGTERM'): Promise<Finished> {
    this.child.kill(signal);
    return this.finished();
  }
}

/** Runs to the end. */
export const run = (args: readonly string[], options?: ConstructorParameters<typeof RunningCommand>[1]): Promise<Finished> =>
  new RunningCommand(args, options).finished();

export const ANY_PORTS = ['--otlp-grpc-port', '0', '--otlp-http-port', '0', '--api-port', '0', '--metrics-port', '0'] as const;
