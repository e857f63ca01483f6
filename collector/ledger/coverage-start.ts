/** From when on the ledger has anything: before, nothing is known, and zero would pretend to know. */
import type { MeasureName } from '../catalog/measures.ts';
import type { TimeRange } from '../core/time-range.ts';
import type { LedgerSnapshot } from './ledger.ts';

/** Whatever was received is in one of these. */
export const ANYTHING: readonly MeasureName[] = [
  ...(['cost', 'requests', 'errors', 'input_tokens', 'output_tokens', 'sessions', 'session_starts', 'prompts', 'events'] as const),
  ...(['tool_calls', 'edits_accepted', 'edits_rejected', 'active_user_ms', 'lines_added', 'lines_removed', 'commits'] as const),
];
const DAYS_MAX = 1_000_000;

const anything = (timeZone: string) => ({ measures: ANYTHING, by: [], timeZone, where: [], rowsMax: DAYS_MAX }) as const;

/** Has it a record from before an instant, a whole quarter of an hour, of those that who asks may see? */
export async function hasAnythingBefore(ledger: Pick<LedgerSnapshot, 'query'>, toMs: number, timeZone: string): Promise<boolean> {
  const { rows } = await ledger.query({ ...anything(timeZone), toMs, grain: 'total' });
  return rows.length > 0;
}

/**
 * Start of the first day with a record, of those that who asks may see, whatever filters say; `fromMs` where there is one before it, and
 * `toMs` where there is none before that.
 */
export async function coverageStart(ledger: Pick<LedgerSnapshot, 'query'>, { fromMs, toMs }: Required<TimeRange>, timeZone: string): Promise<number> {
  if (await hasAnythingBefore(ledger, fromMs, timeZone)) return fromMs;
  const { rows } = await ledger.query({ ...anything(timeZone), fromMs, toMs, grain: 'day' });
  return rows.reduce((first, { startMs = toMs }) => Math.max(fromMs, Math.min(first, startMs)), toMs);
}
