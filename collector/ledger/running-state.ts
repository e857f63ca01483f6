/**
 * The running state of one session: what books what comes next, and checkpoints on the way here. What comes late is booked again from the
 * checkpoint before it, so that it costs as much as the session has entries since then, and not as much as it has in all. Checkpoints lie
 * the closer the newer they are: most of what comes late is late by little.
 */
import { type Posting, SessionBook } from './booking.ts';
import { type HistoryItem, isNumbered } from './history.ts';
import { inSequenceOrder, type NumberedEvent, SequenceTracker } from './sequence-gaps.ts';

/** What a checkpoint takes beside its running totals, in units of one of them: about 50 bytes. */
const CHECKPOINT_SIZE = 30;

export class RunningState {
  readonly #every: number;
  #book = new SessionBook<number>();
  #sequences = new SequenceTracker();
  /** Numbers of the last instant, which are read in their own order. */
  #numbers: NumberedEvent[] = [];
  /** Oldest first. Each holds all entries up to an instant, and none of a later one. */
  #checkpoints: RunningState[] = [];
  #entries = 0;

  /** `every`: so many entries lie between two checkpoints at the least. */
  constructor(every: number) {
    this.#every = every;
  }

  get sequences(): SequenceTracker {
    return this.#sequences;
  }

  get entries(): number {
    return this.#entries;
  }

  get lastMs(): number {
    return this.#book.lastMs;
  }

  get series(): number {
    return this.#book.series;
  }

  /** See CHECKPOINT_SIZE. */
  get size(): number {
    return this.#checkpoints.reduce((sum, { size }) => sum + CHECKPOINT_SIZE + size, this.#book.size);
  }

  follows(item: HistoryItem): boolean {
    return this.#book.follows(item);
  }

  /** Can the item be booked on top of what is here? */
  isNext(item: HistoryItem): boolean {
    return this.#book.isNext(item) && (!isNumbered(item) || this.#sequences.isNext(item));
  }

  /** Books an item for which isNext holds; see SessionBook.bookNext. Afterwards, settle. */
  bookNext(item: HistoryItem): readonly Posting<number>[] {
    if (item.timeMs > this.lastMs) {
      this.settle();
      this.#takeCheckpoint();
    }
    if (isNumbered(item)) this.#numbers.push(item);
    this.#entries++;
    return this.#book.bookNext(item);
  }

  settle(): void {
    if (this.#numbers.length === 0) return;
    for (const event of this.#numbers.sort(inSequenceOrder)) this.#sequences.add(event);
    this.#numbers = [];
  }

  /** Can what is all later be booked together on top of what is here? */
  takes(items: readonly HistoryItem[]): boolean {
    return this.#book.takes(items);
  }

  /** See SessionBook.bookTogether. */
  bookTogether(items: readonly HistoryItem[]): ReturnType<SessionBook<number>['bookTogether']> {
    for (const event of items.filter(isNumbered).sort(inSequenceOrder)) this.#sequences.add(event);
    this.#entries += items.length;
    return this.#book.bookTogether(items);
  }

  /** From where an item can be booked again: what is here is all older, and settled whatever the item says. */
  isBefore(item: HistoryItem): boolean {
    return this.lastMs < item.timeMs && this.#book.isNext(item);
  }

  /** Checkpoints since which there are at most so many entries, newest first; the beginning is one, too. */
  checkpoints(entriesMax: number): readonly RunningState[] {
    return [...this.#checkpoints.toReversed(), new RunningState(this.#every)].filter(({ entries }) => this.#entries - entries <= entriesMax);
  }

  /** A copy that takes no checkpoints. */
  alone(): RunningState {
    return this.#copy(Number.POSITIVE_INFINITY);
  }

  /** As it was at a checkpoint, to go on from there. */
  at(checkpoint: RunningState): RunningState {
    const state = checkpoint.#copy(this.#every);
    state.#checkpoints = this.#checkpoints.filter(({ entries }) => entries <= checkpoint.entries);
    return state;
  }

  /** Leaves of its checkpoints what is needed to book again what comes so many entries late, if only from further back. */
  strip(entriesMax: number): void {
    const isNear = ({ entries }: RunningState) => this.#entries - entries <= entriesMax / 2;
    this.#checkpoints = this.#entries <= entriesMax ? [] : this.#checkpoints.filter(isNear).slice(0, 1);
  }

  /** Where all entries of the last instant are here. */
  keepCheckpoint(): void {
    this.#checkpoints.push(this.#copy(this.#every));
  }

  #copy(every: number): RunningState {
    const copy = new RunningState(every);
    copy.#book = this.#book.copy();
    copy.#sequences = this.#sequences.copy();
    copy.#entries = this.#entries;
    return copy;
  }

  /** A copy may be large; it is paid for by the entries since the last one. */
  #takeCheckpoint(): void {
    const since = this.#entries - (this.#checkpoints.at(-1)?.entries ?? 0);
    if (since < Math.max(this.#every, this.#book.size)) return;
    this.keepCheckpoint();
    this.#checkpoints = this.#checkpoints.filter((_, index, all) => !this.#isBetween(all[index - 1], all[index + 1]));
  }

  /** Are the two so close together that none is needed between them? */
  #isBetween(older: RunningState | undefined, newer: RunningState | undefined): boolean {
    return newer !== undefined && newer.entries - (older?.entries ?? 0) <= (this.#entries - newer.entries) / 2;
  }
}
