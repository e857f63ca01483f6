/** Long work as a generator that pauses: done at once, or in turns with everything else that waits on this thread. */
import { setImmediate } from 'node:timers/promises';

/** Gives everything else that waits on this thread its turn. */
export const turn = (): Promise<void> => setImmediate();

export function atOnce<Result>(steps: Iterator<void, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

export async function inTurns<Result>(steps: Iterator<void, Result>): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await turn();
  }
}

/** Together a few milliseconds. */
const FEW = 500;

/** Pauses after each few, of many things that are quickly done one by one. */
export function* eachOf<One>(all: Iterable<One>, work: (one: One) => void): Generator<void, void> {
  let done = 0;
  for (const one of all) {
    work(one);
    if (++done % FEW === 0) yield;
  }
}

/** So much of something in each turn of this thread: whoever finds nothing left waits for a next one, in the order of asking. */
export class TurnBudget {
  readonly #each: number;
  #left: number;
  #next: Promise<void> | undefined;

  constructor(each: number) {
    this.#each = each;
    this.#left = each;
  }

  get hasLeft(): boolean {
    return this.#left > 0;
  }

  /** May overdraw what is left of this turn. */
  spend(amount: number): void {
    this.#left -= amount;
    this.#next ??= turn().then(() => {
      this.#left = this.#each;
      this.#next = undefined;
    });
  }

  /** Spends it in the first turn that has something left. */
  async spendLater(amount: number): Promise<void> {
    while (!this.hasLeft) await this.#next;
    this.spend(amount);
  }
}
