/** Work that one replica at a time does for all, and its lines in the log. */
import { LEASES, type LeaseName } from '../catalog/leases.ts';
import type { Log } from '../catalog/log-codes.ts';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import { type Lease, type Leases, whileHeld } from '../core/leases.ts';

export interface LeasedOptions {
  readonly config: Pick<Config, 'storage'>;
  readonly leases: Pick<Leases, 'acquire'>;
  readonly name: LeaseName;
  readonly log: Log;
  /** Has to end when `signal` is aborted, which does not mean that it must not act any more: that is what lease.confirm() is for. */
  readonly work: (lease: Lease, signal: AbortSignal) => Promise<void>;
}

/** Gives what stops it: that resolves when the work has ended and the lease is released. */
export function leased({ config, leases, name, log, work }: LeasedOptions): () => Promise<void> {
  // A collector that is alone has nothing to say about it.
  const isShared = config.storage.url !== undefined;
  let trouble: string | undefined;
  const noted = async (lease: Lease, signal: AbortSignal): Promise<void> => {
    trouble = undefined;
    const fields = { lease: name, fence: lease.fence };
    if (isShared) log('lease_taken', `This replica does it now: ${LEASES[name]}.`, { fields });
    await work(lease, signal);
    if (lease.signal.aborted) log('lease_lost', `This replica does it no more, since its lease was lost: ${LEASES[name]}.`, { fields });
  };
  return whileHeld(leases, name, noted, {
    failed: (thrown) => {
      const error = LedgerlineError.from(thrown);
      // While the database is away, every two seconds.
      if (error.message === trouble) return;
      trouble = error.message;
      log('lease_failed', `${error.message} Waiting for it: ${LEASES[name]}.`, { error, fields: { lease: name } });
    },
  });
}

/** Resolves when the signal is aborted. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
