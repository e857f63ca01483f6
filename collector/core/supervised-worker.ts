/** Keeps a worker running: one that ends by itself is logged and started again, since silence would look like all is well. */
import { setTimeout as delay } from 'node:timers/promises';
import { LedgerlineError } from './error.ts';
import { CLOSE_MS, type Protocol, type RunningWorker, startWorker, type WorkerDefinition } from './worker-rpc.ts';

export interface SupervisionOptions {
  /** What it means for people while it does not run, such as "No alerts are sent". */
  readonly consequence: string;
  readonly log: (code: 'thread_ended' | 'thread_restarted', message: string, details: { readonly error?: unknown }) => void;
  /** Before the first attempt; doubled for each that follows, up to AGAIN_MAX_MS. Default: AGAIN_MS. */
  readonly againMs?: number;
}

export interface SupervisedWorker {
  /** One sentence while it does not run; undefined while all is well. */
  trouble(): string | undefined;
  /** Ends it in order. Safe to call twice, and while it does not run. */
  stop(): Promise<void>;
}

export interface RestartedWorker<P extends Protocol> extends SupervisedWorker {
  /** Undefined while it does not run. */
  running(): RunningWorker<P> | undefined;
}

export const AGAIN_MS = 5_000;
export const AGAIN_MAX_MS = 60_000;
/** A worker that ran so long is well: the next wait is the first one again. */
const WELL_MS = 60_000;

/** Resolves when the worker runs. Rejects when it cannot be started the first time: then something has to be corrected. */
export async function superviseWorker<P extends Protocol>(definition: WorkerDefinition<P>, options: SupervisionOptions): Promise<RestartedWorker<P>> {
  const supervision = new Supervision(definition, options);
  await supervision.start();
  return supervision;
}

class Supervision<P extends Protocol> implements RestartedWorker<P> {
  readonly #definition: WorkerDefinition<P>;
  readonly #options: SupervisionOptions;
  readonly #firstMs: number;
  #running: RunningWorker<P> | undefined;
  #starting: Promise<void> | undefined;
  #trouble: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #againMs: number;
  #isStopping = false;

  constructor(definition: WorkerDefinition<P>, options: SupervisionOptions) {
    this.#definition = definition;
    this.#options = options;
    this.#firstMs = options.againMs ?? AGAIN_MS;
    this.#againMs = this.#firstMs;
  }

  running(): RunningWorker<P> | undefined {
    return this.#running;
  }

  trouble(): string | undefined {
    return this.#trouble;
  }

  async start(): Promise<void> {
    const running = await startWorker(this.#definition);
    this.#running = running;
    const isWell = setTimeout(() => {
      this.#againMs = this.#firstMs;
    }, WELL_MS).unref();
    void running.ended.then(() => clearTimeout(isWell));
    void running.lost.then((reason) => this.#ended(reason));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    // One that is being started is closed when it runs, but not waited for without end.
    await Promise.race([this.#starting, delay(CLOSE_MS, undefined, { ref: false })]);
    await this.#running?.close();
  }

  #ended(error: LedgerlineError): void {
    this.#running = undefined;
    if (this.#isStopping) return;
    const { consequence, log } = this.#options;
    this.#trouble = `${consequence}: ${error.message} It restarts in ${this.#againMs / 1000} s.`;
    log('thread_ended', this.#trouble, { error });
    this.#timer = setTimeout(() => {
      this.#starting = this.#restart();
    }, this.#againMs);
    this.#againMs = Math.min(AGAIN_MAX_MS, this.#againMs * 2);
  }

  async #restart(): Promise<void> {
    try {
      await this.start();
      this.#trouble = undefined;
      this.#options.log('thread_restarted', `The ${this.#definition.name} thread is running again.`, {});
    } catch (error) {
      this.#ended(LedgerlineError.from(error));
    }
  }
}
