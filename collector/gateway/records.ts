/**
 * What was set at gateways from here: who, when, before and after. An entry is written before a change is sent and another once its answer is
 * there, so that a run that ended in between is known for what it may have done. The stores are the files gateway-store.ts in storage/.
 */
import { isSameLimit, type ListedLimit, limitKey, type SpendLimit } from './limits.ts';

export interface LimitRecord {
  readonly atMs: number;
  /** "cli:<user of the system>" */
  readonly who: string;
  /** Address of the gateway. */
  readonly gateway: string;
  readonly what: 'set' | 'removed' | 'adopted';
  /** `begun`: sent, or about to be; without a later entry, nobody knows what came of it. */
  readonly outcome: 'begun' | 'done' | 'failed';
  /** Of the limit at the gateway; undefined while it has none. */
  readonly limitId: string | undefined;
  /** Keys of the budgets that it was made of. */
  readonly budgets: readonly string[];
  readonly before: SpendLimit | undefined;
  readonly after: SpendLimit | undefined;
  /** Why it failed. */
  readonly error: string | undefined;
}

export interface GatewayRecords {
  /** Of one gateway, or of all; the oldest first. */
  records(gateway?: string): Promise<readonly LimitRecord[]>;
  append(record: LimitRecord): Promise<void>;
  close(): Promise<void>;
}

/** Held while limits of a gateway are changed: one run at a time. */
export interface GatewayLock {
  /** To be asked before each change. Rejects with `unavailable` where another run may have taken over. */
  confirm(): Promise<void>;
  release(): Promise<void>;
}

export interface OwnLimit {
  readonly limitId: string | undefined;
  /** As it was set last. */
  readonly set: SpendLimit;
}

/** Limits at a gateway that were set from here, and by nobody else in their place since. */
export class Ownership {
  readonly #owned = new Map<string, OwnLimit>();
  readonly #begun = new Map<string, SpendLimit>();

  constructor(records: readonly LimitRecord[]) {
    for (const record of records) this.#note(record);
  }

  /** What is known of the listed limit; undefined when somebody else set it. */
  of(listed: ListedLimit): OwnLimit | undefined {
    const key = limitKey(listed);
    const owned = this.#owned.get(key);
    const begun = this.#begun.get(key);
    if (begun !== undefined && isSameLimit(begun, listed)) return { limitId: listed.id, set: begun };
    return owned?.limitId === listed.id ? owned : undefined;
  }

  #note({ what, outcome, limitId, before, after }: LimitRecord): void {
    const limit = after ?? before;
    if (limit === undefined) return;
    const key = limitKey(limit);
    if (outcome === 'begun') {
      if (after !== undefined) this.#begun.set(key, after);
      return;
    }
    this.#begun.delete(key);
    if (outcome === 'failed') return;
    if (what === 'removed') this.#owned.delete(key);
    else this.#owned.set(key, { limitId, set: limit });
  }
}
