/** The ledger as the receiver sees it: sends batches to the writer thread and waits for their commit. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { LedgerlineError } from '../../core/error.ts';
import type { AppendOutcome, Batch } from '../../ledger/entry.ts';
import type { LedgerWriter } from '../../ledger/ledger.ts';
import { backupLedger } from './backup.ts';
import { Encoder } from './batch-codec.ts';
import type { Failure, FromWriter, ToWriter, WriterOptions } from './writer-messages.ts';

interface Waiting<Result> {
  resolve(result: Result): void;
  reject(error: LedgerlineError): void;
}

export interface SqliteWriterOptions extends WriterOptions {
  /** Told after each commit: how long it took and how many exports it held. */
  readonly onCommit?: (durationMs: number, exports: number) => void;
}

/** Opens (and where needed creates or migrates) the ledger file. Rejects with a sentence when it cannot be used. */
export async function openWriter(options: SqliteWriterOptions): Promise<SqliteWriter> {
  makeFolder(dirname(options.file));
  const { file, timeZone, weekStart } = options;
  const worker = new Worker(new URL('./writer-worker.ts', import.meta.url), { workerData: { file, timeZone, weekStart } satisfies WriterOptions });
  const writer = new SqliteWriter(worker, options);
  await writer.ready;
  return writer;
}

function makeFolder(folder: string): void {
  try {
    // Who used what is nobody else's business: a folder made here is for its owner alone.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LedgerlineError('invalid', `The data folder ${folder} cannot be created: ${reason}.`, {
      hint: 'Name another folder with --data, or remove what is in the way.',
      cause,
    });
  }
}

export class SqliteWriter implements LedgerWriter {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #options: SqliteWriterOptions;
  readonly #encoder = new Encoder();
  readonly #appends = new Map<number, Waiting<AppendOutcome>>();
  readonly #questions = new Map<number, Waiting<number>>();
  readonly #closed = Promise.withResolvers<void>();
  readonly #opening = Promise.withResolvers<void>();
  #failure: LedgerlineError | undefined;
  #nextQuestion = 1;
  #isClosing = false;
  #lastWriteFailed = false;
  readonly #lost = Promise.withResolvers<LedgerlineError>();

  constructor(worker: Worker, options: SqliteWriterOptions) {
    this.#worker = worker;
    this.#options = options;
    this.ready = this.#opening.promise;
    worker.on('message', (message: FromWriter) => this.#receive(message));
    worker.on('error', (error) => this.#fail(new LedgerlineError('unavailable', 'The ledger writer stopped.', { cause: error })));
    worker.on('exit', () => this.#fail(new LedgerlineError('unavailable', 'The ledger is closed.')));
  }

  /** Exports sent and not yet committed. */
  get pending(): number {
    return this.#appends.size;
  }

  /** Resolves when the writer ended without being asked to: then nothing can be booked until the collector starts again. */
  get lost(): Promise<LedgerlineError> {
    return this.#lost.promise;
  }

  /** Can the ledger take exports? After a write that failed, this tries one. */
  async isWritable(): Promise<boolean> {
    if (this.#failure !== undefined) return false;
    if (!this.#lastWriteFailed) return true;
    return this.#ask((id) => ({ kind: 'probe', id })).then(
      () => true,
      () => false,
    );
  }

  append(batch: Batch): Promise<AppendOutcome> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const { promise, resolve, reject } = Promise.withResolvers<AppendOutcome>();
    const message = this.#encoder.encode(batch);
    this.#appends.set(message.id, { resolve, reject });
    this.#send({ kind: 'append', batch: message });
    return promise;
  }

  prune(beforeMs: number): Promise<number> {
    return this.#ask((id) => ({ kind: 'prune', id, beforeMs }));
  }

  backup(file: string): Promise<void> {
    return backupLedger(this.#options.file, file);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#failure === undefined) this.#send({ kind: 'close' });
    await this.#closed.promise;
  }

  #ask(question: (id: number) => ToWriter): Promise<number> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const id = this.#nextQuestion++;
    this.#questions.set(id, { resolve, reject });
    this.#send(question(id));
    return promise;
  }

  #send(message: ToWriter): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromWriter): void {
    if (message.kind === 'ready') this.#opening.resolve();
    else if (message.kind === 'failed') this.#fail(errorOf(message.failure));
    else if (message.kind === 'appended') this.#answer(message);
    else if (message.kind === 'closed') this.#fail(new LedgerlineError('unavailable', 'The ledger is closed.'));
    else this.#answerQuestion(message.id, message.result);
  }

  #answer({ ids, outcomes, durationMs }: Extract<FromWriter, { kind: 'appended' }>): void {
    this.#options.onCommit?.(durationMs, ids.length);
    this.#lastWriteFailed = outcomes.some((outcome) => 'code' in outcome && outcome.code === 'unavailable');
    for (const [index, id] of ids.entries()) {
      const waiting = this.#appends.get(id);
      const outcome = outcomes[index];
      this.#appends.delete(id);
      if (waiting === undefined || outcome === undefined) continue;
      if ('code' in outcome) waiting.reject(errorOf(outcome));
      else waiting.resolve(outcome);
    }
  }

  #answerQuestion(id: number, result: number | Failure): void {
    this.#lastWriteFailed = typeof result !== 'number';
    if (typeof result === 'number') this.#questions.get(id)?.resolve(result);
    else this.#questions.get(id)?.reject(errorOf(result));
    this.#questions.delete(id);
  }

  #fail(error: LedgerlineError): void {
    this.#failure ??= error;
    this.#opening.reject(this.#failure);
    for (const waiting of [...this.#appends.values(), ...this.#questions.values()]) waiting.reject(this.#failure);
    this.#appends.clear();
    this.#questions.clear();
    this.#closed.resolve();
    if (!this.#isClosing) this.#lost.resolve(this.#failure);
  }
}

const errorOf = (failure: Failure) => new LedgerlineError(failure.code, failure.message, { hint: failure.hint });
