/** A sender's clock may be wrong or missing; a record is then booked at the time it arrived. */

/** Claude Code did not exist before. */
const EARLIEST_MS = Date.UTC(2024, 0, 1);
/** Clocks that run ahead are believed for so long. */
const AHEAD_MS_MAX = 24 * 60 * 60 * 1000;

export const isBelievable = (timeMs: number, receivedMs: number): boolean => timeMs >= EARLIEST_MS && timeMs <= receivedMs + AHEAD_MS_MAX;
