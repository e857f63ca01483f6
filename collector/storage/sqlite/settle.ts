/** What a collector that was killed had acknowledged, and not yet committed to the file: for those who take the file without starting a collector. */
import type { CalendarOptions } from '../../core/calendar.ts';
import { LedgerlineError } from '../../core/error.ts';
import { isOfMachine } from './failure.ts';
import { SqliteStore } from './ledger-store.ts';
import { lockLedger } from './lock.ts';
import { hasRecords, redoFileOf } from './redo-log.ts';

/** With the lock. */
export function settle(file: string, calendar: CalendarOptions): void {
  if (hasRecords(redoFileOf(file))) new SqliteStore(file, calendar).close();
}

/** Without it. Where a collector runs, that one commits. Answers the file that stays aside where the folder takes nothing, as one that is read-only. */
export function settleUnlessRunning(file: string, calendar: CalendarOptions): string | undefined {
  if (!hasRecords(redoFileOf(file))) return undefined;
  try {
    const lock = lockAtOnce(file);
    if (lock === undefined) return undefined;
    try {
      settle(file, calendar);
    } finally {
      lock.release();
    }
    return undefined;
  } catch (error) {
    if (!isOfMachine(error)) throw error;
    return redoFileOf(file);
  }
}

function lockAtOnce(file: string): { release(): void } | undefined {
  try {
    return lockLedger(file, 0);
  } catch (error) {
    if (error instanceof LedgerlineError && error.code === 'unavailable') return undefined;
    throw error;
  }
}
