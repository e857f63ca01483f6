/** A sender's clock may be wrong or missing; a record is then booked at the time it arrived. */

import { DAY_MS } from '../../core/duration.ts';

/** Claude Code did not exist before. */
const EARLIEST_MS = Date.UTC(2024, 0, 1);
/** Clocks that run ahead are believed for so long. */
const AHEAD_MS_MAX = DAY_MS;

export const isBelievable = (timeMs: number, receivedMs: number): boolean => timeMs >= EARLIEST_MS && timeMs <= receivedMs + AHEAD_MS_MAX;
