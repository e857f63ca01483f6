/**
 * The one way in which a worker thread is started, asked, and ended. A worker first says `ready` with a value, or `failed` with an error
 * that keeps its code and hint; then both threads ask each other by name. supervised-worker.ts keeps one running.
 */
import { flushCompileCache, getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { LedgerlineError } from './error.ts';
import { errorOf, failureOf } from './failure.ts';
import { leaveOutExperimentalWarnings } from './node-warnings.ts';
import { type Handlers, type LifeMessage, type Request, RpcChannel } from './rpc-channel.ts';

/** A worker's contract, which both threads name. Everything in it is copied by the structured clone algorithm. */
export interface Protocol {
  /** Handed to the worker when it starts. */
  readonly options: unknown;
  /** What it says when it is ready. */
  readonly ready: unknown;
  /** Requests that the worker answers, and those that its parent answers. */
  readonly worker: object;
  readonly parent: object;
  /** Posts, which have no answer. */
  readonly toWorker: unknown;
  readonly toParent: unknown;
}

export interface WorkerDefinition<P extends Protocol> {
  readonly url: URL;
  /** Of the thread, as errors and the log call it. */
  readonly name: string;
  readonly options: P['options'];
  readonly answers: Handlers<P['parent']>;
  readonly onPost?: (message: P['toParent']) => void;
  /** So long close() waits for the worker before it ends the thread. Default: CLOSE_MS. 0: does not ask it at all. */
  readonly closeMs?: number;
  /** True: this worker alone does not keep the process running. */
  readonly isBackground?: boolean;
  /** Beyond it the thread ends, and the process does not. Default: what the process has. */
  readonly heapMb?: number;
}

/** What a worker gets to close in order, unless its definition says otherwise. */
export const CLOSE_MS = 10_000;

/** Of a worker's new objects. By default a thread takes up to 48 MB for them, and five threads more than all that they keep. */
const YOUNG_MB = 24;

export interface RunningWorker<P extends Protocol> {
  /** What it said when it was ready. */
  readonly ready: P['ready'];
  readonly request: Request<P['worker']>;
  post(message: P['toWorker']): void;
  /** Resolves when the thread is gone, whether it was asked to end or not. */
  readonly ended: Promise<LedgerlineError>;
  /** Resolves when it ended without being asked to. Never after close(). */
  readonly lost: Promise<LedgerlineError>;
  /** Lets it end in order. Safe to call twice, and when it is gone. Rejects when it could not close in order; it is gone all the same. */
  close(): Promise<void>;
}

const ENTRY = new URL('./worker-entry.mjs', import.meta.url);

/** Of this thread. Node names the folder of its own version in it. */
function compileCacheFolder(): string | undefined {
  const folder = getCompileCacheDir();
  return folder === undefined ? undefined : dirname(folder);
}

/** Resolves when the worker is ready. Rejects with its LedgerlineError when it cannot start, or ends before; nothing is left running then. */
export async function startWorker<P extends Protocol>(definition: WorkerDefinition<P>): Promise<RunningWorker<P>> {
  const { url, name, options, heapMb } = definition;
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MB, ...(heapMb !== undefined && { maxOldGenerationSizeMb: heapMb }) };
  const data = { url: url.href, options, compileCache: compileCacheFolder() };
  const worker = new Worker(ENTRY, { name, workerData: data, resourceLimits });
  if (definition.isBackground === true) worker.unref();
  const opening = Promise.withResolvers<P['ready']>();
  const closed = Promise.withResolvers<void>();
  // Where nobody waits for it any more, a failure to close is no failure of the process.
  closed.promise.catch(() => undefined);
  const onLife = (message: LifeMessage): void => {
    if (message.kind === 'ready') opening.resolve(message.value);
    else if (message.kind === 'failed') opening.reject(errorOf(message.failure));
    else if (message.kind === 'closed' && message.failure !== undefined) closed.reject(errorOf(message.failure));
    else closed.resolve();
  };
  const onPost = (message: unknown): void => definition.onPost?.(message);
  const channel = new RpcChannel(worker, { answers: () => definition.answers, onPost, onLife });
  const ended = endOf(worker, name);
  void ended.then((reason) => {
    channel.end(reason);
    opening.reject(new LedgerlineError('unavailable', `The ${name} thread ended while it was starting.`, { cause: reason.cause }));
    closed.resolve();
  });
  const ready = await opening.promise.catch(async (error: unknown) => {
    await worker.terminate();
    throw error;
  });
  const lost = Promise.withResolvers<LedgerlineError>();
  let closing: Promise<void> | undefined;
  void ended.then((reason) => closing === undefined && lost.resolve(reason));
  const close = async (): Promise<void> => {
    try {
      const closeMs = definition.closeMs ?? CLOSE_MS;
      if (closeMs > 0) channel.send({ kind: 'close' });
      await within(closeMs, closed.promise);
    } finally {
      await worker.terminate();
      await ended;
    }
  };
  return {
    ready,
    request: requestOver<P['worker']>(channel),
    post: (message) => channel.send({ kind: 'post', message }),
    ended,
    lost: lost.promise,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

export interface WorkerService<P extends Protocol> {
  readonly ready: P['ready'];
  readonly answers: Handlers<P['worker']>;
  readonly onPost?: (message: P['toWorker']) => void;
  /** Finishes what is under way and closes what is open. */
  close(): void | Promise<void>;
}

export interface WorkerParent<P extends Protocol> {
  readonly request: Request<P['parent']>;
  post(message: P['toParent']): void;
}

/** The worker's own thread: starts, says so, answers until it is asked to close. Call it once, at the end of the worker's file. */
export async function serveWorker<P extends Protocol>(
  start: (options: P['options'], parent: WorkerParent<P>) => WorkerService<P> | Promise<WorkerService<P>>,
): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('this file runs as a worker only');
  leaveOutExperimentalWarnings();
  let service: WorkerService<P> | undefined;
  const close = async (): Promise<void> => {
    try {
      await service?.close();
      channel.send({ kind: 'closed' });
    } catch (error) {
      channel.send({ kind: 'closed', failure: failureOf(error) });
    }
    port.close();
  };
  const channel = new RpcChannel(port, {
    answers: () => service?.answers ?? {},
    onPost: (message) => service?.onPost?.(message),
    onLife: () => void close(),
  });
  const parent = { request: requestOver<P['parent']>(channel), post: (message: P['toParent']) => channel.send({ kind: 'post', message }) };
  try {
    service = await start(workerData.options, parent);
    channel.send({ kind: 'ready', value: service.ready });
    flushCompileCache(); // Node keeps nothing of a process that is killed.
  } catch (error) {
    channel.send({ kind: 'failed', failure: failureOf(error) });
  }
}

/** The channel knows no names; the protocol's types do. */
const requestOver = <Methods>(channel: RpcChannel): Request<Methods> => ((name, ...args) => channel.request(name, args)) as Request<Methods>;

/** Resolves, and never rejects, when the thread is gone. */
function endOf(worker: Worker, name: string): Promise<LedgerlineError> {
  const { promise, resolve } = Promise.withResolvers<LedgerlineError>();
  let reason = new LedgerlineError('unavailable', `The ${name} thread ended.`);
  const failed = (cause: unknown): void => {
    reason = new LedgerlineError('unavailable', `The ${name} thread failed.`, { cause });
  };
  worker.on('error', failed);
  // What cannot be read is an answer that somebody waits for: better no thread than one that is silent.
  worker.on('messageerror', (error) => {
    failed(error);
    void worker.terminate();
  });
  worker.on('exit', () => resolve(reason));
  return promise;
}

async function within(ms: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
