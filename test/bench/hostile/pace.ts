/** Does something at a fixed rate, one at a time, and counts the wait of everyone who would have come meanwhile. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Stalls } from './stalls.ts';

export class Pace {
  readonly #everyMs: number;
  readonly #act: () => Promise<void>;
  readonly #stalls: () => Stalls;
  #current: Promise<void> = Promise.resolve();
  #isStopped = false;
  #done: Promise<void> = Promise.resolve();

  /** `act` never rejects. `stalls`: where the waits of what is answered now belong. */
  constructor(everyMs: number, act: () => Promise<void>, stalls: () => Stalls) {
    this.#everyMs = everyMs;
    this.#act = act;
    this.#stalls = stalls;
  }

  start(): void {
    this.#isStopped = false;
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
  }

  /** Resolves when what is under way now has its answer, and the wait is counted. */
  get answered(): Promise<void> {
    return this.#current;
  }

  async #run(): Promise<void> {
    let dueMs = performance.now();
    while (!this.#isStopped) {
      this.#current = this.#once(dueMs).then((next) => {
        dueMs = next;
      });
      await this.#current;
      await delay(Math.max(0, dueMs - performance.now()));
    }
  }

  /** Resolves to when the next is due. */
  async #once(firstMs: number): Promise<number> {
    await this.#act();
    const nowMs = performance.now();
    let dueMs = firstMs;
    for (; dueMs <= nowMs; dueMs += this.#everyMs) this.#stalls().add(nowMs - dueMs);
    return dueMs;
  }
}
