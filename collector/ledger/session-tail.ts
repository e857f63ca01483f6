/** The newest entries of one session, so that what comes late by little is booked again without a look at the tables. */
import { inTimeOrder } from './booking.ts';
import type { HistoryItem } from './history.ts';

/** So many are kept at the most, and half of them when they are more. */
const KEPT_MAX = 64;

export class SessionTail {
  /** In the order of time: all that the session has after `#afterMs`. */
  #items: HistoryItem[] = [];
  #afterMs = Number.NEGATIVE_INFINITY;

  /** `items`: all that the session has after the instant. */
  static of(items: readonly HistoryItem[], afterMs: number): SessionTail {
    const tail = new SessionTail();
    tail.#afterMs = afterMs;
    tail.add(items);
    return tail;
  }

  get length(): number {
    return this.#items.length;
  }

  /** Are all entries here that are later than the instant? */
  covers(afterMs: number): boolean {
    return afterMs >= this.#afterMs;
  }

  after(afterMs: number): readonly HistoryItem[] {
    return this.#items.filter(({ timeMs }) => timeMs > afterMs);
  }

  /** Keeps none of them. What comes later is all here again. */
  shed(): void {
    this.#afterMs = this.#items.at(-1)?.timeMs ?? this.#afterMs;
    this.#items = [];
  }

  add(items: readonly HistoryItem[]): void {
    for (const item of items) if (item.timeMs > this.#afterMs) this.#items.push(item);
    this.#items.sort(inTimeOrder);
    if (this.#items.length > KEPT_MAX) this.#cut();
  }

  /** Whole instants go: of the one that is the last to go, none may stay. */
  #cut(): void {
    this.#afterMs = this.#items.at(-KEPT_MAX / 2)?.timeMs ?? this.#afterMs;
    this.#items = this.#items.filter(({ timeMs }) => timeMs > this.#afterMs);
  }
}
