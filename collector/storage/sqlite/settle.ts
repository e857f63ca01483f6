/** What a collector that was killed had acknowledged, and not yet committed to the file: for those who take the file without starting a collector. */
import type { CalendarOptions } from '../../core/calendar.ts';
import { LedgerlineError } from '../../core/error.ts';
import { SqliteStore } from './ledger-store.ts';
import { lockLedger } from './lock.ts';
import { hasRecords, redoFileOf } from './redo-log.ts';

/** With the lock. */
export function settle(file: string, calendar: CalendarOptions): void {
  if (hasRecords(redoFileOf(file))) new SqliteStore(file, calendar).close();
}

/** Without it. Where a collector runs, that one commits. */
export function settleUnlessRunning(file: string, calendar: CalendarOptions): void {
  if (!hasRecords(redoFileOf(file))) return;
  const lock = lockAtOnce(file);
  if (lock === undefined) return;
  try {
    settle(file, calendar);
  } finally {
    lock.release();
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
