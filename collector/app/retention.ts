/** Entries do not stay for ever: removes those that are older than the configuration says. */
import type { Log } from '../catalog/log-codes.ts';
import { DAY_MS, describeAge, MINUTE_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import type { LedgerWriter } from '../ledger/ledger.ts';

const FIRST_PRUNE_MS = MINUTE_MS;
/** A clock is believed to be right so far ahead of the newest sessions: longer than a holiday, shorter than any wrong year. */
const CLOCK_LEAD_MAX_MS = 60 * DAY_MS;

type Pruned = Pick<LedgerWriter, 'prune' | 'clockLead'>;

/** A minute after the start, then daily. A failure is logged and tried again the next day. */
export function pruneDaily(ledger: Pruned, days: number, log: Log): () => Promise<void> {
  const prune = async () => {
    try {
      await removeOlder(ledger, days, log);
    } catch (thrown) {
      const error = LedgerlineError.from(thrown);
      log('retention_failed', error.message, { error });
    }
  };
  let timer = setTimeout(function run() {
    timer = setTimeout(run, DAY_MS);
    void prune();
  }, FIRST_PRUNE_MS);
  return async () => clearTimeout(timer);
}

/** Removes nothing while the clock is far ahead of what clients say: it may have jumped, and what is removed is gone. */
async function removeOlder(ledger: Pruned, days: number, log: Log): Promise<void> {
  const nowMs = Date.now();
  const lead = await ledger.clockLead(nowMs);
  if (lead > CLOCK_LEAD_MAX_MS) {
    const clock = new Date(nowMs).toISOString().slice(0, 10);
    log('retention_paused', `No entries were removed: this machine's clock says ${clock}, ${describeAge(lead)} after the newest sessions.`);
    return;
  }
  const removed = await ledger.prune(nowMs - days * DAY_MS);
  if (removed > 0) log('retention_removed', `Removed ${removed} entries older than ${days} days.`, { fields: { removed } });
}
