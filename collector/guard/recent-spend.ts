/**
 * What sessions have booked lately, from what they had booked each time somebody asked: no reading of their entries, and no memory for
 * ids that the ledger does not know. Forgotten with the process; what began since then is known all the same.
 */
import { LRUCache } from 'lru-cache';
import { MINUTE_MS } from '../core/duration.ts';
import type { PicoUsd } from '../core/money.ts';

interface Sample {
  readonly atMs: number;
  readonly cost: PicoUsd;
}

export interface SessionCostAt {
  /** As stored: names one session. */
  readonly sessionId: string;
  readonly cost: PicoUsd;
  readonly firstSeenMs: number;
}

const SESSIONS_MAX = 10_000;
/** So many samples cover the minutes; the others are left out. */
const SAMPLES = 10;

export class RecentSpend {
  readonly #samples = new LRUCache<string, readonly Sample[]>({ max: SESSIONS_MAX });

  /**
   * What it has booked within the last minutes: since the newest sample that is as old, or since the oldest there is, which says too little
   * and never too much. Where nobody asked for longer than that, at the pace of that time. Undefined where there is nothing to compare with.
   */
  spent({ sessionId, cost, firstSeenMs }: SessionCostAt, minutes: number, nowMs: number): PicoUsd | undefined {
    const windowMs = minutes * MINUTE_MS;
    // A clock that was ahead for a moment took samples from which much time would seem to be to come.
    const kept = this.#samples.get(sessionId)?.filter(({ atMs }) => atMs <= nowMs);
    const before = kept ?? (nowMs - firstSeenMs <= windowMs ? [{ atMs: firstSeenMs, cost: 0n }] : []);
    const base = before.findLast(({ atMs }) => atMs <= nowMs - windowMs) ?? before[0];
    this.#keep(sessionId, before.slice(base === undefined ? 0 : before.indexOf(base)), { atMs: nowMs, cost }, windowMs);
    if (base === undefined) return undefined;
    const spent = cost > base.cost ? cost - base.cost : 0n;
    const elapsedMs = nowMs - base.atMs;
    return elapsedMs <= windowMs ? spent : (spent * BigInt(windowMs)) / BigInt(elapsedMs);
  }

  #keep(sessionId: string, before: readonly Sample[], sample: Sample, windowMs: number): void {
    const last = before.at(-1);
    const isNear = last !== undefined && sample.atMs - last.atMs < windowMs / SAMPLES;
    this.#samples.set(sessionId, isNear ? before : [...before, sample]);
  }
}
