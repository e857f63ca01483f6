/**
 * What only one of all replicas may do at a time. Whoever does it holds a lease, which ends by itself when it is not renewed, so that
 * another replica takes over from one that died.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { SECOND_MS } from './duration.ts';

export interface Lease {
  readonly name: string;
  /** Higher than that of everybody who held it before. */
  readonly fence: number;
  /** Aborted as soon as it is known that the lease is not held any more, also by release(). */
  readonly signal: AbortSignal;
  /**
   * Resolves when the lease is held at this moment. To be asked before each effect that cannot be taken back: a replica that was frozen
   * learns here that another one has taken over. Rejects with `unavailable` when it is not held, or nobody knows.
   */
  confirm(): Promise<void>;
  /** Another replica may take it at once. Safe to call twice, and when it is lost. Never rejects. */
  release(): Promise<void>;
}

export interface Leases {
  /** Undefined while another one holds it. Rejects with `unavailable` when nobody knows. */
  acquire(name: string): Promise<Lease | undefined>;
  /** Releases what is held. */
  close(): Promise<void>;
}

/** After so long without being renewed a lease is free. With LOOK_MS it is less than 15 s until another replica has it. */
export const LEASE_MS = 12 * SECOND_MS;
export const LOOK_MS = 2 * SECOND_MS;

export interface HeldOptions {
  /** Between two attempts to get it. Default: LOOK_MS. */
  readonly lookMs?: number;
  /** The lease could not be asked for, or `work` rejected while it was held. It is tried again. */
  readonly failed: (error: unknown) => void;
}

/**
 * Does `work` whenever the lease is held, one after the other: it has to end when `signal` is aborted, and begins anew when the lease is got
 * again. Gives what stops it: that resolves when `work` has ended and the lease is released.
 */
export function whileHeld(
  leases: Pick<Leases, 'acquire'>,
  name: string,
  work: (lease: Lease, signal: AbortSignal) => Promise<void>,
  { lookMs = LOOK_MS, failed }: HeldOptions,
): () => Promise<void> {
  const stopping = new AbortController();
  const attempt = async (): Promise<void> => {
    const lease = await leases.acquire(name);
    if (lease === undefined) return;
    try {
      if (!stopping.signal.aborted) await work(lease, AbortSignal.any([stopping.signal, lease.signal]));
    } finally {
      await lease.release();
    }
  };
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await attempt().catch(failed);
      await delay(lookMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return async () => {
    stopping.abort();
    await loop;
  };
}
