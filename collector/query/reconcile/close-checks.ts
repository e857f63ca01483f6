/** What to look at before a month is closed: its figures do not move afterwards. */
import { BILLER_NAMES } from '../../catalog/billers.ts';
import { DAY_MS } from '../../core/duration.ts';
import type { ReconciliationAnswer } from '../reconcile.ts';
import { accountWords } from './imports.ts';

export interface CloseCheck {
  readonly isGood: boolean;
  readonly message: string;
  /** Empty where it is good. */
  readonly remedy: string;
}

/** A larger part of the bill without a cause is worth a look. */
const REMAINDER_MAX = 0.01;
/** Machines that were asleep report as late. */
const LATE_DAYS = 3;

const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`);

export function closeChecks(answer: ReconciliationAnswer, endMs: number, nowMs: number): readonly CloseCheck[] {
  return [importCheck(answer), finalCheck(answer), remainderCheck(answer), missingCheck(answer), lateCheck(endMs, nowMs)];
}

function importCheck({ missing, sources }: ReconciliationAnswer): CloseCheck {
  if (sources.length === 0)
    return { isGood: false, message: 'Neither use nor a bill of the month is known.', remedy: 'Import what is billed first, where there is any.' };
  const unknown = sources.filter(lacksDays);
  if (unknown.length === 0) return { isGood: true, message: 'Every day has a record of what is billed.', remedy: '' };
  const commands = missing.map(({ command }) => command).filter((command) => command !== '');
  return {
    isGood: false,
    message: unknown.flatMap(unknownBills).join(' '),
    remedy: commands.length === 0 ? '' : `Run ${commands.map((command) => `\`${command}\``).join(' and ')}.`,
  };
}

const lacksDays = ({ missing_billed_days }: { readonly missing_billed_days: number }): boolean => missing_billed_days > 0;

function unknownBills({ biller, accounts }: ReconciliationAnswer['sources'][number]): readonly string[] {
  const of = (account: string): string => (accounts.length === 1 ? '' : ` of ${accountWords(account)}`);
  return accounts
    .filter(lacksDays)
    .map(({ account, missing_billed_days }) => `What ${BILLER_NAMES[biller]} bills is not known for ${days(missing_billed_days)}${of(account)}.`);
}

function finalCheck({ sources }: ReconciliationAnswer): CloseCheck {
  if (sources.every(({ billed }) => Object.keys(billed).length === 0))
    return { isGood: true, message: 'There is no record that could be provisional.', remedy: '' };
  const open = sources.reduce((sum, { provisional_days }) => sum + provisional_days, 0);
  return open === 0
    ? { isGood: true, message: 'No record is provisional.', remedy: '' }
    : { isGood: false, message: `${days(open)} of the record may still be revised by the provider.`, remedy: 'Import again before closing.' };
}

function remainderCheck({ remainder_ratio: ratio, remainder_usd, sources }: ReconciliationAnswer): CloseCheck {
  const isUnknown = remainder_usd === null && (sources.length === 0 || sources.some(lacksDays));
  if (isUnknown) return { isGood: false, message: 'The remainder is not known.', remedy: 'Import what is billed first.' };
  // Of nothing there is no part: no lines at all, or credits that take off as much as the others bill.
  const left = remainder_usd ?? '0.00';
  const message =
    ratio === null ? `${left} USD has no cause, of a bill of 0.00 USD.` : `${(Math.abs(ratio) * 100).toFixed(1)} % of the bill has no cause.`;
  return (ratio === null ? Number(left) === 0 : Math.abs(ratio) <= REMAINDER_MAX)
    ? { isGood: true, message, remedy: '' }
    : { isGood: false, message, remedy: '`ledgerline reconcile` says on which days and models.' };
}

function missingCheck({ completeness: { silent_users, users } }: ReconciliationAnswer): CloseCheck {
  const missing = users.reduce((sum, { missing_events }) => sum + missing_events, 0);
  const known = `${missing.toLocaleString('en')} missing events, ${silent_users.toLocaleString('en')} users without telemetry.`;
  return missing === 0 && silent_users === 0
    ? { isGood: true, message: known, remedy: '' }
    : { isGood: false, message: known, remedy: 'Bring them in with `ledgerline import transcripts`, where there are any.' };
}

function lateCheck(endMs: number, nowMs: number): CloseCheck {
  const passed = Math.floor((nowMs - endMs) / DAY_MS);
  return passed >= LATE_DAYS
    ? { isGood: true, message: `The month has been over for ${days(passed)}.`, remedy: '' }
    : {
        isGood: false,
        message: `The month has been over for ${days(Math.max(0, passed))} only: clients may still report.`,
        remedy: 'What comes later is an adjustment in the open month.',
      };
}
