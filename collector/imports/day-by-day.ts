/** For sources that ask for one day at a time: a day whose answer breaks is named and left as it was, and the others are read. */
import { LedgerlineError } from '../core/error.ts';
import type { DayRead, Reading } from './source.ts';
import type { StatementLine } from './statement-line.ts';

/** The pages of a day no longer belong together: its cursor expired, or the provider refreshed its data between two of them. */
export class PagesExpired extends Error {
  override readonly name = 'PagesExpired';
}

/** A provider that refreshes its data all the time is asked again later. */
const TRIES = 3;
/** After so many in a row something else is wrong than a day. */
const FAILURES_MAX = 3;

export async function* dayByDay(
  days: readonly string[],
  reading: Reading,
  linesOf: (day: string, reading: Reading) => Promise<readonly StatementLine[]>,
): AsyncIterable<DayRead> {
  let failures = 0;
  for (const day of days) {
    const askedMs = reading.now();
    try {
      yield { day, askedMs, lines: await again(() => linesOf(day, reading), day) };
      failures = 0;
    } catch (thrown) {
      const error = LedgerlineError.from(thrown);
      if (error.code !== 'unsupported' || ++failures > FAILURES_MAX) throw error;
      yield { day, error };
    }
  }
}

async function again<Answer>(read: () => Promise<Answer>, day: string): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof PagesExpired)) throw error;
      if (tries < TRIES) continue;
      throw new LedgerlineError('unavailable', `The pages of ${day} expired ${TRIES} times while they were read.`, {
        hint: 'Run the import again later: it goes on with this day.',
        cause: error,
      });
    }
  }
}
