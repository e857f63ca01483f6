/** Adding up roll-ups, opened: over a connection of its own, so that no export waits for it. */

import type { CalendarOptions } from '../../core/calendar.ts';
import { SECOND_MS } from '../../core/duration.ts';
import { Database } from './connection.ts';
import { storeError } from './failure.ts';
import { Fold } from './fold.ts';
import { int } from './sql-text.ts';
import type { Target } from './target.ts';

export interface Folding {
  /** Adds up what is over by then. Answers how many rows it moved; stops between two steps when the signal is aborted. */
  over(nowMs: number, signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

const STATEMENT_MS = 60 * SECOND_MS;
const LOCK_MS = 5 * SECOND_MS;
const IDLE_MS = 30 * SECOND_MS;

/** Of a ledger that is there: a writer has made its tables. */
export function openFolding(target: Target, calendar: CalendarOptions): Folding {
  const database = new Database(target, { name: 'folding', max: 1, wants: 'primary', statementMs: STATEMENT_MS, lockMs: LOCK_MS, idleMs: IDLE_MS });
  let fold: Fold | undefined;
  const opened = async (): Promise<Fold> => {
    const [row] = await database.rows(`SELECT value FROM meta WHERE name = 'slots'`);
    return new Fold({ database, calendar, slots: int(row?.value) });
  };
  return {
    async over(nowMs, signal) {
      try {
        fold ??= await opened();
        return await fold.over(nowMs, signal);
      } catch (error) {
        throw storeError(error);
      }
    },
    close: () => database.close(),
  };
}
