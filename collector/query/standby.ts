/** How far a standby is behind the primary, in what the ledger holds: what has not changed is not behind, however long ago it came. */
import { setTimeout as delay } from 'node:timers/promises';
import { SECOND_MS } from '../core/duration.ts';
import type { LedgerReader } from '../ledger/ledger.ts';

/** One that hangs must not keep those waiting who ask how this collector is. */
const STANDBY_MS = SECOND_MS;

type Asked = Pick<LedgerReader, 'status'>;

/** Seconds; null while the standby does not answer, or holds nothing yet. Rejects when the primary does not. */
export async function standbyBehind(primary: Asked, standby: Asked): Promise<number | null> {
  // First, so that what is committed between the two questions makes nobody late.
  const { asOfMs: expected } = await primary.status();
  const found = await Promise.race([standby.status().catch(() => undefined), delay(STANDBY_MS, undefined, { ref: false })]);
  if (expected === undefined) return 0;
  return found?.asOfMs === undefined ? null : Math.max(0, expected - found.asOfMs) / SECOND_MS;
}
