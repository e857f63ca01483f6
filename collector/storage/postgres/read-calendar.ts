/** Days, weeks and months of the ledger's zone as a table: SQL that others ask cuts by the collector's calendar, never by the database's. */
import { Calendar, type CalendarOptions } from '../../core/calendar.ts';
import { DAY_MS } from '../../core/duration.ts';
import { EARLIEST_MS, LATEST_MS } from '../../core/time-range.ts';
import { CALENDAR_GRAINS } from '../../ledger/read-schema.ts';
import type { Sql } from './connection.ts';
import { numberArray } from './sql-text.ts';

/** As long as any ledger lasts: nobody has to keep it ahead of time. */
const DAYS = { first: Math.ceil(EARLIEST_MS / DAY_MS), end: Math.floor(LATEST_MS / DAY_MS) };

/** Writes it where it is missing, is of another zone, or where this program knows other rules of zones. */
export async function followCalendar(sql: Sql, options: CalendarOptions): Promise<void> {
  const wanted = [options.timeZone, options.weekStart, process.versions.tz].join(' ');
  const [known] = await sql.rows(`SELECT value FROM meta WHERE name = 'read_calendar'`);
  if (known?.value === wanted) return;
  const calendar = new Calendar(options);
  await sql.run('DELETE FROM calendar');
  for (const grain of CALENDAR_GRAINS) {
    const starts = startsOf(grain, calendar);
    await sql.run('INSERT INTO calendar (grain, start_s, end_s) SELECT $1, * FROM unnest($2::int8[], $3::int8[])', [
      grain,
      numberArray(starts.slice(0, -1)),
      numberArray(starts.slice(1)),
    ]);
  }
  await sql.run(`INSERT INTO meta VALUES ('read_calendar', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, [wanted]);
}

/** Epoch seconds. */
function startsOf(grain: (typeof CALENDAR_GRAINS)[number], calendar: Calendar): number[] {
  const periods = new Set<number>();
  for (let day = DAYS.first; day < DAYS.end; day++) periods.add(calendar.periodOfDay(grain, day));
  // A zone that changed sides of the date line left out a day: that begins where the next one does, and is none.
  return [...new Set([...periods].map((period) => calendar.startOf(grain, period) / 1000))];
}
