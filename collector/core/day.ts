/** Days as people write them in dated files: "2026-09-01", in UTC. */

/** When a day begins; NaN for what is no day. */
export const startOfDay = (day: string): number => Date.parse(`${day}T00:00:00Z`);

/** Is it a day of the calendar? 30 February is none, though Date.parse takes it for one in March. */
export function isDay(text: string): boolean {
  const startMs = startOfDay(text);
  return text.length === 10 && !Number.isNaN(startMs) && new Date(startMs).toISOString().startsWith(text);
}

export const DAY_MESSAGE = 'must be a day such as 2026-09-01';
