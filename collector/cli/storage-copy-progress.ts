/** What `ledgerline storage copy` says while it goes on: stages, passes, and when it is time to stop the collectors. */
import { describeAge, MINUTE_MS } from '../core/duration.ts';
import type { Terminal } from './terminal.ts';

/** Clients keep for some minutes what they cannot send. */
const SHORT_MS = MINUTE_MS;
/** One that takes more of the time of the one before is as short as passes get. */
const SHORTER = 0.8;
const AGAIN_MS = MINUTE_MS;

export class CopyProgress {
  readonly #terminal: Terminal;
  readonly #stop: string;
  /** When a stage was named last. */
  readonly #named = new Map<string, number>();
  #beforeMs = Number.POSITIVE_INFINITY;
  #isAsked = false;

  /** `stop`: what has to be stopped. */
  constructor(terminal: Terminal, stop: string) {
    this.#terminal = terminal;
    this.#stop = stop;
  }

  /** Where nobody looks on: each stage as it begins, and once a minute while it lasts. */
  say(text: string): void {
    if (this.#terminal.status !== undefined) {
      this.#terminal.status(text);
      return;
    }
    const stage = text.replaceAll(/[\d-]+/g, '');
    const nowMs = this.#terminal.now();
    if (nowMs - (this.#named.get(stage) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    this.#named.set(stage, nowMs);
    this.#terminal.err(`${text} …`);
  }

  /** Until it is time; what further passes find is copied without a word. */
  pass(changed: number, tookMs: number): void {
    this.clear();
    if (this.#isAsked) return;
    this.#terminal.out(`Copied what had changed (${changed} parts) in ${describeAge(tookMs)}.`);
    this.#isAsked = tookMs <= SHORT_MS || tookMs > SHORTER * this.#beforeMs;
    this.#beforeMs = tookMs;
    if (!this.#isAsked) return;
    this.#terminal.out(`${this.#stop} now: the rest is copied then, which takes about as long, and both are compared.`);
  }

  last(): void {
    this.clear();
    this.#terminal.out(
      'Nobody writes at the source any more: the rest is copied, and both are compared. No collector can start there until the end.',
    );
  }

  clear(): void {
    this.#terminal.status?.('');
  }
}
