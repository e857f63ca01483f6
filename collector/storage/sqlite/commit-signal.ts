/**
 * Between the thread that writes a ledger's file and the threads of its process that read it: whoever reads finds everything that was acknowledged.
 * Where some of it is not in the file yet (redo-log.ts), the reader says that it waits, and the writer commits.
 */
import { resolve } from 'node:path';
import { types } from 'node:util';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

/** Places of the shared numbers. */
const UNCOMMITTED = 0;
const COMMITS = 1;
const WAITING = 2;
const PLACES = 3;

/** A disk that takes longer must not hold readers: they answer as of the last commit. */
const WAIT_MS = 2_000;

const keyOf = (file: string): string => `ledgerline: commits of ${resolve(file)}`;

const newNumbers = () => new Int32Array(new SharedArrayBuffer(PLACES * Int32Array.BYTES_PER_ELEMENT));

function numbersOf(file: string): Int32Array<SharedArrayBuffer> | undefined {
  const found = getEnvironmentData(keyOf(file));
  return types.isInt32Array(found) && types.isSharedArrayBuffer(found.buffer) ? new Int32Array(found.buffer) : undefined;
}

/** Threads that are started from now on know of it. In the thread that starts the writer, before that. */
export function shareCommits(file: string): void {
  if (numbersOf(file) === undefined) setEnvironmentData(keyOf(file), newNumbers());
}

/** After the writer's thread has ended: nothing more will be committed. */
export function endCommits(file: string): void {
  const numbers = numbersOf(file);
  if (numbers !== undefined) noteCommit(numbers);
}

/** Resolves when all that is acknowledged now is in the file. Undefined where that is so already, or the file is another process's. */
export function allCommitted(file: string): Promise<unknown> | undefined {
  const numbers = numbersOf(file);
  if (numbers === undefined) return undefined;
  const commits = Atomics.load(numbers, COMMITS);
  if (Atomics.load(numbers, UNCOMMITTED) === 0) return undefined;
  Atomics.add(numbers, WAITING, 1);
  Atomics.notify(numbers, WAITING);
  const waiting = Atomics.waitAsync(numbers, COMMITS, commits, WAIT_MS);
  return waiting.async ? waiting.value : undefined;
}

function noteCommit(numbers: Int32Array<SharedArrayBuffer>): void {
  Atomics.store(numbers, UNCOMMITTED, 0);
  Atomics.add(numbers, COMMITS, 1);
  Atomics.notify(numbers, COMMITS);
}

/** The writer's side. */
export class CommitSignal {
  readonly #numbers: Int32Array<SharedArrayBuffer>;
  #isUncommitted = false;

  constructor(file: string) {
    this.#numbers = numbersOf(file) ?? newNumbers();
  }

  /** Before it is said to anybody that an export is in the ledger. */
  note(isUncommitted: boolean): void {
    if (isUncommitted === this.#isUncommitted) return;
    this.#isUncommitted = isUncommitted;
    if (isUncommitted) Atomics.store(this.#numbers, UNCOMMITTED, 1);
    else noteCommit(this.#numbers);
  }

  /** Calls `commit` whenever somebody waits, as long as the thread lives. */
  async onWaiting(commit: () => void): Promise<never> {
    for (let seen = Atomics.load(this.#numbers, WAITING); ; seen = Atomics.load(this.#numbers, WAITING)) {
      const waiting = Atomics.waitAsync(this.#numbers, WAITING, seen);
      if (waiting.async) await waiting.value;
      commit();
    }
  }
}
