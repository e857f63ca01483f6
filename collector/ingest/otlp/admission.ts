/**
 * How much may be under way at once. HTTP senders retry after a 503, so they are asked to come back; gRPC senders (Claude Code among
 * them) do not retry, so they wait for their place, for a bounded time.
 */
import type { Limits } from '../../config/config.ts';

interface Waiter {
  readonly admit: (admitted: boolean) => void;
  readonly timer: NodeJS.Timeout;
}

export class Admission {
  readonly #exportsMax: number;
  readonly #bytesMax: number;
  readonly #waiters = new Set<Waiter>();
  #exports = 0;
  #bytes = 0;

  constructor(limits: Pick<Limits, 'pending_exports' | 'pending_bytes' | 'body_bytes'>) {
    this.#exportsMax = limits.pending_exports;
    // One body of the largest permitted size must always find room.
    this.#bytesMax = Math.max(limits.pending_bytes, limits.body_bytes);
  }

  get pending(): number {
    return this.#exports;
  }

  /** Takes a place, waiting for one at most waitMs. False when there was none; true obliges to call leave(). */
  enter(waitMs: number): boolean | Promise<boolean> {
    if (this.#exports < this.#exportsMax) {
      this.#exports += 1;
      return true;
    }
    if (waitMs === 0) return false;
    return new Promise((admit) => {
      const waiter: Waiter = {
        admit,
        timer: setTimeout(() => {
          this.#waiters.delete(waiter);
          admit(false);
        }, waitMs),
      };
      this.#waiters.add(waiter);
    });
  }

  /** Gives the place to whoever has waited longest. */
  leave(): void {
    const [next] = this.#waiters;
    if (next === undefined) {
      this.#exports -= 1;
      return;
    }
    this.#waiters.delete(next);
    clearTimeout(next.timer);
    next.admit(true);
  }

  /** Accounts for bytes that are held in memory. False, and nothing accounted, when they are too many. */
  hold(bytes: number): boolean {
    if (this.#bytes + bytes > this.#bytesMax) return false;
    this.#bytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}
