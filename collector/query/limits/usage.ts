/** What was asked of the API by the minute: read from records, or from the sums by minute where there are too many of them. */
import type { Filter } from '../../catalog/values.ts';
import { DAY_MS } from '../../core/duration.ts';
import type { LedgerSnapshot } from '../../ledger/ledger.ts';
import { isWithin } from '../gauges/gauge.ts';

/** Of one team, or of one user of it, in one minute. */
export interface UsageMinute {
  readonly startMs: number;
  readonly organization: string;
  readonly team: string;
  readonly requests: number;
  readonly tokens: number;
  /** Undefined where the sums by minute were read: they do not know. '' is nobody in particular. */
  readonly user?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

export interface Usage {
  readonly fromMs: number;
  readonly toMs: number;
  readonly days: number;
  /** Are users, and input and output, known apart? */
  readonly isApart: boolean;
  readonly minutes: readonly UsageMinute[];
}

export const DAYS = 7;
/** Beyond these, a day is read in the place of the week, and beyond them again the sums. */
export const USER_MINUTES_MAX = 500_000;

type Reader = Pick<LedgerSnapshot, 'userMinutes' | 'minutes'>;

/** Of the last seven days, up to and with the present minute. */
export async function readUsage(
  ledger: Reader,
  { nowMs, where, rowsMax = USER_MINUTES_MAX }: { readonly nowMs: number; readonly where: readonly Filter[]; readonly rowsMax?: number },
): Promise<Usage> {
  for (const days of [DAYS, 1]) {
    const range = { fromMs: nowMs - days * DAY_MS, toMs: nowMs };
    const rows = await ledger.userMinutes({ ...range, within: where, rowsMax });
    if (rows === undefined) continue;
    return { ...range, days, isApart: true, minutes: rows.map((row) => ({ ...row, tokens: row.inputTokens + row.outputTokens })) };
  }
  const range = { fromMs: nowMs - DAYS * DAY_MS, toMs: nowMs };
  const minutes = (await ledger.minutes(range)).filter(({ organization, team }) => isWithin(where, { organization, team }));
  return { ...range, days: DAYS, isApart: false, minutes };
}
