/** An embedded ledger has one collector, which holds every lease from the start to the end. */
import { LedgerlineError } from '../../core/error.ts';
import type { Lease, Leases } from '../../core/leases.ts';

export function openLeases(): Leases {
  const held = new Map<string, HeldLease>();
  return {
    acquire: async (name) => {
      if (held.get(name)?.signal.aborted === false) return undefined;
      const lease = new HeldLease(name);
      held.set(name, lease);
      return lease;
    },
    close: async () => {
      for (const lease of held.values()) await lease.release();
    },
  };
}

class HeldLease implements Lease {
  readonly fence = 1;
  readonly name: string;
  readonly #ending = new AbortController();

  constructor(name: string) {
    this.name = name;
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  async confirm(): Promise<void> {
    if (this.signal.aborted) throw new LedgerlineError('unavailable', `The lease ${this.name} is released.`);
  }

  async release(): Promise<void> {
    this.#ending.abort();
  }
}
