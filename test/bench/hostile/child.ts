/** Processes of this bench: started here, asked one question at a time, and ended with it whatever happens. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const running = new Set<ChildProcess>();
const LAST_WORDS = 4_000;

/** Only what was started here. */
export function killChildren(): void {
  for (const child of running) child.kill('SIGKILL');
}

export class Child<To extends object | string, From> {
  readonly process: ChildProcess;
  /** Resolves to how it ended, as a word. */
  readonly ended: Promise<string>;
  #said = '';
  #isOver = false;

  constructor(file: string, execArgv: readonly string[] = []) {
    this.process = fork(fileURLToPath(new URL(file, import.meta.url)), {
      execArgv: ['--disable-warning=ExperimentalWarning', ...execArgv],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    running.add(this.process);
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#said = (this.#said + text).slice(-LAST_WORDS);
      });
    }
    this.ended = once(this.process, 'close').then(([code, signal]) => {
      running.delete(this.process);
      this.#isOver = true;
      return String(signal ?? code);
    });
  }

  /** The end of what it printed. */
  get said(): string {
    return this.#said;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** Rejects when the process ends instead of answering. */
  async ask(question: To): Promise<From> {
    const settled = new AbortController();
    const answered = once(this.process, 'message', { signal: settled.signal });
    answered.catch(() => undefined);
    const ended = this.ended.then((how) => {
      throw new Error(`A process of the bench ended (${how}) instead of answering.\n${this.#said}`);
    });
    ended.catch(() => undefined);
    try {
      this.process.send(question);
      const [answer]: From[] = await Promise.race([answered, ended]);
      // What the file answers is what its own types say.
      return answer as From;
    } finally {
      settled.abort();
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }
}
