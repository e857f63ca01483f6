/**
 * Clocks are wrong: a sender's, or the collector's own. A sender's time is believed within fixed bounds, and where the collector's
 * clock can be right, not much beyond it. Where the collector's clock cannot be right, what clients said stands in for it.
 */
import { DAY_MS } from '../../core/duration.ts';
import { parseEpochMs, toEpochMs } from '../../core/epoch-time.ts';
import type { AttributeValue } from '../attribution/claims.ts';

/** Claude Code did not exist before. */
const EARLIEST_MS = Date.UTC(2024, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);
/** Clocks that run ahead of the collector's are believed for so long. */
const AHEAD_MS_MAX = DAY_MS;
/** When not one client since the start was nearer to the collector's clock than this, it is the collector's that runs ahead. */
const BEHIND_MS_MAX = 366 * DAY_MS;

export class Clock {
  #receivedMs = 0;
  /** The latest time that was believed of a client; 0 before the first. */
  #newestMs = 0;

  /** Call for each export, with what the collector's own clock says. */
  enter(receivedMs: number): void {
    this.#receivedMs = receivedMs;
  }

  isBelievable(timeMs: number): boolean {
    const latestMs = this.#receivedMs < EARLIEST_MS ? LATEST_MS : Math.min(this.#receivedMs + AHEAD_MS_MAX, LATEST_MS);
    return timeMs >= EARLIEST_MS && timeMs <= latestMs;
  }

  /** The same, and remembered as what a client said. */
  believes(timeMs: number): boolean {
    if (!this.isBelievable(timeMs)) return false;
    if (timeMs > this.#newestMs) this.#newestMs = timeMs;
    return true;
  }

  /** When the export arrived: by the collector's clock, unless that cannot be right. */
  get arrivalMs(): number {
    if (this.#receivedMs < EARLIEST_MS) return Math.max(this.#newestMs, EARLIEST_MS);
    const isAhead = this.#newestMs > 0 && this.#receivedMs - this.#newestMs > BEHIND_MS_MAX;
    return isAhead ? this.#newestMs : this.#receivedMs;
  }
}

/** A time in an attribute: ISO 8601, or a number since the epoch in any unit. NaN when it is none. */
export function readTimestamp(value: AttributeValue | undefined): number {
  if (typeof value === 'number') return toEpochMs(value);
  const text = String(value).trim();
  return parseEpochMs(text) ?? Date.parse(text);
}
