/** Hours of a local clock that is set by half an hour: each instant lies in the hour that begins at the hour's own start. */
import { expect, test } from '@jest/globals';
import { Calendar, QUARTER_MS } from '../../collector/core/calendar.ts';

const ZONES = ['UTC', 'Australia/Lord_Howe', 'America/St_Johns', 'Asia/Kathmandu', 'Africa/Cairo'];
/** Clocks of these zones are set on one of these days of 2026. */
const DAYS = ['2026-03-08', '2026-04-04', '2026-04-05', '2026-04-24', '2026-10-03', '2026-10-29', '2026-11-01'];

test.each(ZONES)('hours in %s begin at their own start, and follow each other', (timeZone) => {
  const calendar = new Calendar({ timeZone, weekStart: 'monday' });
  for (const day of DAYS) {
    const fromMs = Date.parse(`${day}T00:00:00Z`);
    let last = Number.NEGATIVE_INFINITY;
    for (let timeMs = fromMs; timeMs < fromMs + 2 * 96 * QUARTER_MS; timeMs += QUARTER_MS) {
      const startMs = calendar.startOf('hour', calendar.periodOf('hour', timeMs));
      expect({ day, timeMs, isStart: calendar.isStart('hour', startMs) }).toEqual({ day, timeMs, isStart: true });
      expect(startMs).toBeLessThanOrEqual(timeMs);
      expect(startMs).toBeGreaterThanOrEqual(last);
      expect(timeMs - startMs).toBeLessThan(4 * QUARTER_MS);
      last = startMs;
    }
  }
});
