/** Repricings where several replicas share a ledger: one at a time among all, and any of them says how far it is and breaks it off. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { SECOND_MS } from '../core/duration.ts';
import type { Lease, Leases } from '../core/leases.ts';
import type { LedgerWriter } from '../ledger/ledger.ts';
import type { RepricingState } from '../query/repricing-answers.ts';
import { type Notes, openNotes } from '../storage/open.ts';
import { createRepricings, isRunning, type Repricings } from './repricings.ts';

export interface SharedRepricings {
  readonly start: Repricings['start'];
  state(): Promise<RepricingState | null>;
  readonly cancel: Repricings['cancel'];
  /** Breaks off what runs here. */
  close(): Promise<void>;
}

interface RepricingOptions {
  readonly config: Config;
  readonly ledger: Pick<LedgerWriter, 'append' | 'noteRepricing'>;
  readonly leases: Leases;
  readonly now: () => number;
  /** Between two looks at what the other replicas want, and left for them. */
  readonly lookMs?: number;
}

const LOOK_MS = SECOND_MS;
const STATE = 'repricing';
/** When the repricing began that is to be broken off. */
const CANCEL = 'repricing to cancel';

export async function openRepricings({ config, ledger, leases, now, lookMs = LOOK_MS }: RepricingOptions): Promise<SharedRepricings> {
  let lease: Lease | undefined;
  const confirm = async (): Promise<void> => lease?.confirm();
  const append: LedgerWriter['append'] = async (batch) => {
    await confirm();
    return ledger.append(batch);
  };
  const own = createRepricings(config, { append, noteRepricing: (repricing) => ledger.noteRepricing(repricing) }, now);
  const notes = await openNotes(config);
  if (notes === undefined)
    return { start: own.start, state: async () => own.state(), cancel: own.cancel, close: async () => void (await own.cancel()) };
  const others = createOthers(notes, leases, lookMs);
  let following: Promise<void> | undefined;
  return {
    async start(request) {
      const held = await leases.acquire(STATE);
      if (held === undefined) throw isRunning();
      lease = held;
      try {
        const state = await own.start(request);
        following = follow({ own, notes, lease: held, lookMs }).finally(() => held.release());
        following.catch(() => undefined);
        return state;
      } catch (error) {
        await held.release();
        throw error;
      }
    },
    state: async () => (own.state()?.isRunning === true ? own.state() : others.state()),
    cancel: async () => (own.state()?.isRunning === true ? own.cancel() : others.cancel()),
    close: async () => {
      await own.cancel();
      await following?.catch(() => undefined);
      await notes.close();
    },
  };
}

interface Following {
  readonly own: Repricings;
  readonly notes: Notes;
  readonly lease: Lease;
  readonly lookMs: number;
}

/** Leaves for the others how far it is, and ends it when one of them asks for it. */
async function follow({ own, notes, lease, lookMs }: Following): Promise<void> {
  for (;;) {
    const state = own.state();
    await notes.write(STATE, JSON.stringify(state)).catch(() => undefined);
    if (state?.isRunning !== true) return;
    const toCancel = await notes.read(CANCEL).catch(() => undefined);
    if (lease.signal.aborted || toCancel === String(state.startedMs)) await own.cancel();
    else await delay(lookMs);
  }
}

type Absent = 'outcome' | 'failure';

/** What runs at another replica, or ran last. */
function createOthers(notes: Notes, leases: Leases, lookMs: number) {
  const state = async (): Promise<RepricingState | null> => {
    const text = await notes.read(STATE);
    if (text === undefined) return null;
    // Written by a replica, as this type; JSON leaves out what is undefined.
    const written = JSON.parse(text) as Omit<RepricingState, Absent> & Partial<Pick<RepricingState, Absent>>;
    const left = { outcome: undefined, failure: undefined, ...written };
    return left.isRunning && (await isFree()) ? { ...left, isRunning: false, failure: 'The replica that ran it has ended.' } : left;
  };
  const isFree = async (): Promise<boolean> => {
    const free = await leases.acquire(STATE);
    await free?.release();
    return free !== undefined;
  };
  const cancel = async (): Promise<RepricingState | null> => {
    for (let left = await state(); ; left = await state()) {
      if (left?.isRunning !== true) return left;
      await notes.write(CANCEL, String(left.startedMs));
      await delay(lookMs);
    }
  };
  return { state, cancel };
}
