/** When a cron expression in a zone was last due. */
import { Cron } from 'croner';
import { LedgerlineError } from '../core/error.ts';

/** The next instant after `afterMs`; undefined when there is none. Throws LedgerlineError `invalid` for what is not a cron expression. */
export function nextDueMs(schedule: string, timeZone: string, afterMs: number, key: string): number | undefined {
  try {
    return new Cron(schedule, { timezone: timeZone, paused: true, mode: '5-part' }).nextRun(new Date(afterMs))?.getTime();
  } catch (cause) {
    throw new LedgerlineError('invalid', `${key}: "${schedule}" is not a cron expression.`, {
      cause,
      hint: 'Write five fields: minute, hour, day of the month, month, weekday. "0 8 * * 1" is Monday at eight.',
    });
  }
}
