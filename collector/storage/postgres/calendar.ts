/** In which calendar the database's days, weeks and months are cut. All replicas have the same. */
import type { CalendarOptions } from '../../core/calendar.ts';
import { LedgerlineError } from '../../core/error.ts';
import { type Sql, statement } from './connection.ts';

const READ = statement(`SELECT value FROM meta WHERE name = 'calendar'`);
const WRITE = statement(`INSERT INTO meta (name, value) VALUES ('calendar', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`);

const textOf = ({ timeZone, weekStart }: CalendarOptions): string => `${timeZone} ${weekStart}`;

export async function noteCalendar(sql: Sql, calendar: CalendarOptions): Promise<void> {
  await sql.run(WRITE, [textOf(calendar)]);
}

/** 'none': of a ledger that has no roll-ups yet. */
export async function compareCalendar(sql: Sql, calendar: CalendarOptions): Promise<'same' | 'other' | 'none'> {
  const [row] = await sql.rows(READ);
  return row === undefined ? 'none' : row.value === textOf(calendar) ? 'same' : 'other';
}

/** Throws a sentence. `code`: 'unavailable' where exports wait, since no sender can do anything about it. */
export async function refuseOtherCalendar(sql: Sql, calendar: CalendarOptions, code: 'invalid' | 'unavailable' = 'invalid'): Promise<void> {
  if ((await compareCalendar(sql, calendar)) !== 'other') return;
  const [row] = await sql.rows(READ);
  throw new LedgerlineError(code, `The ledger's days are cut in another calendar: "${row?.value}", and here it is "${textOf(calendar)}".`, {
    hint: 'Give all replicas the same time zone and start of the week.',
  });
}
