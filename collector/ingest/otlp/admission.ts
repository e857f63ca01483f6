/**
 * How much may be under way at once. HTTP senders retry after a 503, so they are asked to come back; gRPC senders (Claude Code among
 * them) do not retry, so they wait for their place, for a bounded time.
 */
import type { Limits } from '../../config/config.ts';
import { limitedBy } from '../../server/address.ts';
import { Account, type Holding } from './account.ts';

/** Few exports of a client have more. */
const SMALL_BYTES = 64 * 1024;
export const SMALL_RECORDS = 128;

interface Waiter {
  readonly admit: (admitted: boolean) => void;
  readonly timer: NodeJS.Timeout;
}

export class Admission {
  /** Bytes of exports that arrive or wait, with what keeping them costs. */
  readonly bytes: Account;
  /** Records of exports that are being booked, or wait for it. */
  readonly records: Account;
  readonly #exportsMax: number;
  readonly #waiters = new Set<Waiter>();
  #exports = 0;

  constructor(limits: Pick<Limits, 'pending_exports' | 'pending_bytes' | 'pending_records'>) {
    this.#exportsMax = limits.pending_exports;
    this.bytes = new Account({ max: limits.pending_bytes, smallMax: SMALL_BYTES });
    this.records = new Account({ max: limits.pending_records, smallMax: SMALL_RECORDS });
  }

  /** For the bytes of an export from there. An IPv6 network counts as one address. */
  arrive(address: string): Holding {
    return this.bytes.open(limitedBy(address));
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
}

/** Holds them now or within waitMs. False when there was no room for so long. */
export function holdWithin(holding: Holding, amount: number, waitMs: number): boolean | Promise<boolean> {
  if (holding.add(amount)) return true;
  if (waitMs === 0) return false;
  const timer = setTimeout(() => holding.release(), waitMs);
  return holding.wait(amount).finally(() => clearTimeout(timer));
}
