/** The supervisor's hand on one collector process: start it on a folder, kill it, stop it, read what it said. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CollectorPorts } from '../../collector/app/collector.ts';
import type { ChildReport, StartOrder } from './collector-child.ts';

const CHILD = fileURLToPath(new URL('./collector-child.ts', import.meta.url));

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class CollectorProcess {
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #loaded: Promise<unknown>;
  #said = '';

  /** Begins to load the program. It touches no folder before `start`. `inside` is a command that becomes the one it is given. */
  constructor(inside: readonly string[] = []) {
    const [command = '', ...args] = [...inside, process.execPath, '--disable-warning=ExperimentalWarning', CHILD];
    this.#child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#said += chunk.toString();
      });
    }
    // Its last words and its last report are here when 'close' and 'disconnect' have come; 'exit' may come before them.
    const gone = Promise.all([once(this.#child, 'close'), once(this.#child, 'disconnect')]);
    this.exited = gone.then(([closed]) => {
      const [code, signal]: (number | string | null)[] = closed;
      return { code, signal } as Exit; // What Node documents of 'close'.
    });
    this.#loaded = this.#report();
    // A process that is ended before it was needed is nobody's failure.
    this.#loaded.catch(() => undefined);
  }

  /** What it wrote to its log. */
  get said(): string {
    return this.#said;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when the program is in memory. */
  async loaded(): Promise<void> {
    await this.#loaded;
  }

  /** Resolves when its ports are open; rejects with the collector's sentence, or when the process ended first. */
  async start(order: StartOrder): Promise<CollectorPorts> {
    await this.#loaded;
    this.#child.send(order);
    const report = await this.#report();
    if (report.kind === 'started') return report.ports;
    throw new Error(report.kind === 'refused' ? `${report.code}: ${report.message} ${report.hint}` : 'The collector reported out of turn.');
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  /** It does nothing until resume(), as where its machine is paused. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** SIGTERM; resolves to how it ended. */
  async stop(): Promise<Exit> {
    this.#child.kill('SIGTERM');
    return this.exited;
  }

  async #report(): Promise<ChildReport> {
    const ended = new AbortController();
    const exited = this.exited.then(({ code, signal }) => {
      if (!ended.signal.aborted) throw new Error(`The collector ended (${signal ?? code}) instead of reporting.\n${this.#said}`);
      return undefined;
    });
    const reported = once(this.#child, 'message', { signal: ended.signal }).then(([report]: ChildReport[]) => report);
    reported.catch(() => undefined);
    try {
      const report = await Promise.race([reported, exited]);
      if (report === undefined) throw new Error('The collector ended instead of reporting.');
      return report;
    } finally {
      ended.abort();
    }
  }
}
