/** Durations: their constants, and how they read. */

/** "40 s", "12 min", "5 h", "3 d". */
export function describeAge(ms: number): string {
  if (ms < 2 * MINUTE_MS) return `${Math.max(0, Math.round(ms / 1000))} s`;
  if (ms < 2 * HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  if (ms < 48 * HOUR_MS) return `${Math.round(ms / HOUR_MS)} h`;
  return `${Math.round(ms / (24 * HOUR_MS))} d`;
}

export const MINUTE_MS = 60_000;

export const HOUR_MS = 60 * MINUTE_MS;
