/** So many requests at once, the others in turn: whoever asks a lot keeps nobody else out. */
import { ReadLimitError } from './read-limit.ts';

interface Waiting {
  readonly address: string;
  readonly place: PromiseWithResolvers<void>;
}

export interface LaneOptions {
  /** At once; of one address all but one, so that there is always a place for somebody else. */
  readonly runningMax: number;
  readonly waitingMax: number;
}

export class Lane {
  readonly #options: LaneOptions;
  /** By address, each in the order of arrival; the address that was served last stands last. */
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #running = new Map<string, number>();

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Resolves to what gives the place back. Rejects with ReadLimitError when too many wait, or with the signal's reason. */
  async enter(address: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (!this.#hasPlaceFor(address)) await this.#wait(address, signal);
    else this.#count(address, 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#count(address, -1);
      this.#next();
    };
  }

  #hasPlaceFor(address: string): boolean {
    const { runningMax } = this.#options;
    return total(this.#running.values()) < runningMax && (this.#running.get(address) ?? 0) < Math.max(1, runningMax - 1);
  }

  #wait(address: string, signal: AbortSignal): Promise<void> {
    this.#makeRoomFor(address);
    const waiting: Waiting = { address, place: Promise.withResolvers<void>() };
    const leave = (): void => {
      this.#forget(waiting);
      waiting.place.reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    this.#waiting.getOrInsertComputed(address, () => []).push(waiting);
    return waiting.place.promise.finally(() => signal.removeEventListener('abort', leave));
  }

  /** Where all places are taken, the last of whoever has most of them goes: that may be the newcomer. */
  #makeRoomFor(address: string): void {
    const { waitingMax } = this.#options;
    if (total([...this.#waiting.values()].map(({ length }) => length)) < waitingMax) return;
    const most = [...this.#waiting.values()].reduce((a, b) => (b.length > a.length ? b : a));
    const last = most.at(-1);
    if (last === undefined || most.length <= (this.#waiting.get(address)?.length ?? 0) + 1) throw tooMany(waitingMax);
    this.#forget(last);
    last.place.reject(tooMany(waitingMax));
  }

  #forget(waiting: Waiting): void {
    const own = this.#waiting.get(waiting.address)?.filter((other) => other !== waiting) ?? [];
    if (own.length > 0) this.#waiting.set(waiting.address, own);
    else this.#waiting.delete(waiting.address);
  }

  /** The place goes to whoever has fewest, and of those to the address that was served longest ago. */
  #next(): void {
    const allowed = [...this.#waiting.keys()].filter((address) => this.#hasPlaceFor(address));
    const [first] = allowed.sort((a, b) => (this.#running.get(a) ?? 0) - (this.#running.get(b) ?? 0));
    if (first === undefined) return;
    const [waiting, ...others] = this.#waiting.get(first) ?? [];
    this.#waiting.delete(first);
    if (others.length > 0) this.#waiting.set(first, others);
    this.#count(first, 1);
    waiting?.place.resolve();
  }

  #count(address: string, change: number): void {
    const count = (this.#running.get(address) ?? 0) + change;
    if (count > 0) this.#running.set(address, count);
    else this.#running.delete(address);
  }
}

const total = (counts: Iterable<number>): number => [...counts].reduce((sum, count) => sum + count, 0);

const tooMany = (waitingMax: number): ReadLimitError =>
  new ReadLimitError('limits.queries_waiting', `${waitingMax} requests wait already (limits.queries_waiting).`, 'Ask again in a few seconds.');
