/**
 * Clocks are wrong: a sender's, or the collector's own. A sender's time is believed within fixed bounds and, where the collector's clock can
 * be right, within a window around it. Where the collector's clock cannot be right, what clients said stands in for it.
 */
import type { Config } from '../../config/config.ts';
import { DAY_MS } from '../../core/duration.ts';
import { parseEpochMs, toEpochMs } from '../../core/epoch-time.ts';
import type { AttributeValue } from '../attribution/claims.ts';

/** Claude Code did not exist before. */
const EARLIEST_MS = Date.UTC(2024, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);
/** When nothing that was committed, and not one client since the start, was nearer to the collector's clock, it is the collector's that runs ahead. */
const BEHIND_MS_MAX = 366 * DAY_MS;
/** The same where nothing was ever committed: then the first client may as well be the one that is wrong. */
const BEHIND_MS_MAX_AT_FIRST = 5 * BEHIND_MS_MAX;

/** How far from its arrival a record may be dated. */
export type IngestWindow = Config['ingest_window'];

/** The edge of the window beyond which a record is dated. */
export type Edge = 'ahead' | 'back';

/** When a record is booked. */
export interface Dating {
  readonly timeMs: number;
  /** False where that is when it arrived, since it says nothing that can be. */
  readonly isCertain: boolean;
  /** Then it is not booked but set aside, and timeMs is when it arrived. */
  readonly outside?: Edge;
}

export class Clock {
  readonly #aheadMs: number;
  readonly #backMs: number;
  #receivedMs = 0;
  /** The latest time that was believed of a client, or of the last commit before the start; 0 before the first. */
  #newestMs: number;

  /** `lastCommitMs`: what the collector's clock said when the ledger was last written; 0 for an empty one. */
  constructor(window: IngestWindow, lastCommitMs = 0) {
    this.#aheadMs = window.ahead_days * DAY_MS;
    this.#backMs = window.back_days * DAY_MS;
    this.#newestMs = lastCommitMs;
  }

  /** Call for each export, with what the collector's own clock says. */
  enter(receivedMs: number): void {
    this.#receivedMs = receivedMs;
  }

  /** Can it be a time at all, as far as the collector knows? However long ago. */
  isBelievable(timeMs: number): boolean {
    const latestMs = this.#isUnset ? LATEST_MS : Math.min(this.#receivedMs + this.#aheadMs, LATEST_MS);
    return timeMs >= EARLIEST_MS && timeMs <= latestMs;
  }

  /** Is it within the window? Then it is remembered as what a client said. */
  believes(timeMs: number): boolean {
    if (!this.isBelievable(timeMs) || this.#isTooOld(timeMs)) return false;
    if (timeMs > this.#newestMs) this.#newestMs = timeMs;
    return true;
  }

  /** By the first of its times that is within the window. `times`: the best first. */
  date(times: readonly number[]): Dating {
    const timeMs = times.find((time) => this.believes(time));
    if (timeMs !== undefined) return { timeMs, isCertain: true };
    const arrived = { timeMs: this.arrivalMs, isCertain: false };
    const dated = times.find((time) => time >= EARLIEST_MS && time <= LATEST_MS);
    return dated === undefined ? arrived : { ...arrived, outside: dated > this.#receivedMs ? 'ahead' : 'back' };
  }

  /** When the export arrived: by the collector's clock, unless that cannot be right. */
  get arrivalMs(): number {
    if (this.#isUnset) return Math.max(this.#newestMs, EARLIEST_MS);
    const isAhead = this.#newestMs > 0 && this.#receivedMs - this.#newestMs > BEHIND_MS_MAX;
    return isAhead ? this.#newestMs : this.#receivedMs;
  }

  get #isUnset(): boolean {
    return this.#receivedMs < EARLIEST_MS;
  }

  #isTooOld(timeMs: number): boolean {
    if (this.#isUnset || timeMs >= this.arrivalMs - this.#backMs) return false;
    const isFirst = this.#newestMs === 0;
    return !(isFirst && this.#receivedMs - timeMs > BEHIND_MS_MAX_AT_FIRST);
  }
}

/** A time in an attribute: ISO 8601, or a number since the epoch in any unit. NaN when it is none. */
export function readTimestamp(value: AttributeValue | undefined): number {
  if (typeof value === 'number') return toEpochMs(value);
  const text = String(value).trim();
  return parseEpochMs(text) ?? Date.parse(text);
}
