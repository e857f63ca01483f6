/** What the receivers refused, as findings: what, how often, from where, since when, and what to change at the sender. */
import { describeRefusal, REFUSALS, type RefusalKind, type RefusalTotal, remedyOf } from '../catalog/refusals.ts';
import { DAY_MS, describeAge } from '../core/duration.ts';
import type { Finding } from '../core/finding.ts';

/** What did not happen again for so long is shown, but alarms nobody. */
const RECENT_MS = DAY_MS;
/** Of one kind: a scanner tries many paths. */
const DETAILS_SHOWN = 3;

/** The ledger's own counters find these, and name the senders. */
const COUNTED_BY_LEDGER: ReadonlySet<RefusalKind> = new Set(['conflicts', 'expired', 'held_back', 'new_values']);

const READING: ReadonlySet<RefusalKind> = new Set(['reader_token_unknown', 'reader_forbidden', 'reader_token_missing', 'host_unknown']);

/** Did somebody try to send? Health checks and readers do not. */
export const isAttempt = ({ kind }: RefusalTotal): boolean => kind !== 'not_an_export' && !READING.has(kind);

/** Was something lost by it? */
export const isLoss = ({ kind }: RefusalTotal): boolean => REFUSALS[kind].severity !== 'info' && !READING.has(kind);

/** `totals` with the latest first; of one kind the latest details are shown, the others counted. */
export function refusalFindings(totals: readonly RefusalTotal[], nowMs: number): readonly Finding[] {
  const own = totals.filter(({ kind }) => !COUNTED_BY_LEDGER.has(kind));
  return [...Map.groupBy(own, ({ kind }) => kind)].flatMap(([kind, group]) => {
    const shown = group.slice(0, DETAILS_SHOWN).map((total) => findingOf(total, nowMs));
    const hidden = group.slice(DETAILS_SHOWN);
    return hidden.length === 0 ? shown : [...shown, hiddenFinding(kind, hidden)];
  });
}

function findingOf(total: RefusalTotal, nowMs: number): Finding {
  const isRecent = nowMs - total.lastMs < RECENT_MS;
  return {
    code: total.kind,
    severity: isRecent ? REFUSALS[total.kind].severity : 'info',
    message: `${describeRefusal(total)}: ${whenAndWhere(total, nowMs)}.`,
    remedy: remedyOf(total),
  };
}

function hiddenFinding(kind: RefusalKind, hidden: readonly RefusalTotal[]): Finding {
  const count = hidden.reduce((sum, total) => sum + total.count, 0);
  const message = `${count} more of the kind ${kind}, in ${hidden.length} forms.`;
  return { code: kind, severity: 'info', message, remedy: 'GET /api/v1/status lists them under refusals.' };
}

/** "last 20 s ago, first 3 h ago, from 10.0.0.7 (12) and 10.0.0.8 (3)" */
function whenAndWhere({ count, firstMs, lastMs, senders, hasMoreSenders }: RefusalTotal, nowMs: number): string {
  const first = count > 1 ? `, first ${describeAge(nowMs - firstMs)} ago` : '';
  return `last ${describeAge(nowMs - lastMs)} ago${first}${from(senders, hasMoreSenders)}`;
}

function from(senders: RefusalTotal['senders'], hasMoreSenders: boolean): string {
  const [only] = senders;
  if (only === undefined) return '';
  if (senders.length === 1 && !hasMoreSenders) return `, from ${only.address}`;
  const names = senders.map(({ address, count }) => `${address} (${count})`);
  return `, from ${[...names, ...(hasMoreSenders ? ['others'] : [])].join(', ')}`;
}

/** "; last 2 min ago, from 10.0.0.7" for what the ledger's own counters say; '' when it was not of late. */
export function lastOf(kind: RefusalKind, totals: readonly RefusalTotal[], nowMs: number): string {
  const total = totals.find((candidate) => candidate.kind === kind);
  return total === undefined ? '' : `; ${whenAndWhere(total, nowMs)}`;
}

/** Nothing is in the ledger, yet somebody sends: that is another fault than silence. */
export function nothingBooked(totals: readonly RefusalTotal[], nowMs: number): Finding {
  const count = totals.reduce((sum, total) => sum + total.count, 0);
  const [latest] = totals;
  const last = latest === undefined ? '' : `, ${whenAndWhere({ ...latest, count: 1 }, nowMs)}`;
  return {
    code: 'nothing_booked',
    severity: 'critical',
    message: `Senders have reached the collector, but nothing has been booked: ${count} ${count === 1 ? 'refusal' : 'refusals'}${last}.`,
    remedy: SEE_BELOW,
  };
}

export const SEE_BELOW = 'Correct what the findings about refusals name.';
