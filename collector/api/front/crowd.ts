/**
 * So many requests under way at once, and the next ones are refused: for questions that take no longer than it takes to let them wait, and
 * that hooks ask by the thousand in the same moment. One address has at most half of the places, so that it keeps nobody out.
 */
import { ReadLimitError } from './read-limit.ts';

export class Crowd {
  readonly #placesMax: number;
  readonly #under = new Map<string, number>();
  #total = 0;

  constructor(placesMax: number) {
    this.#placesMax = placesMax;
  }

  /** Gives the function that gives the place back. Throws ReadLimitError. */
  enter(address: string): () => void {
    const own = this.#under.get(address) ?? 0;
    if (this.#total >= this.#placesMax || own * 2 >= this.#placesMax) throw tooMany(this.#placesMax);
    this.#under.set(address, own + 1);
    this.#total++;
    return () => this.#leave(address);
  }

  #leave(address: string): void {
    const left = (this.#under.get(address) ?? 1) - 1;
    if (left > 0) this.#under.set(address, left);
    else this.#under.delete(address);
    this.#total--;
  }
}

const tooMany = (placesMax: number): ReadLimitError =>
  new ReadLimitError(
    'limits.queries_waiting',
    `The guard is asked by more than ${placesMax} at once, or by half as many from one address.`,
    'Ask again in a few seconds.',
  );
