/** Keeps what the receivers refuse: in memory, in the log (the first of a kind at once, the others summed up hourly) and in a file. */
import type { Log } from '../catalog/log-codes.ts';
import { describeRefusal, REFUSALS, type Refusal, type RefusalTotal, remedyOf } from '../catalog/refusals.ts';
import { HOUR_MS, SECOND_MS } from '../core/duration.ts';
import { readRefusals, writeRefusals } from '../ingest/refusals/refusal-file.ts';
import { RefusalRegister } from '../ingest/refusals/register.ts';
import type { SharedRefusals } from '../ingest/refusals/shared-refusals.ts';

export interface RefusalWatch {
  /** Returns at once; nothing in it throws. */
  refused(refusal: Refusal, address: string): void;
  /** Of all replicas. */
  totals(): Promise<readonly RefusalTotal[]>;
  close(): Promise<void>;
}

export interface RefusalWatchOptions {
  readonly file: string;
  /** Of replicas, which leave the file alone. */
  readonly shared?: SharedRefusals | undefined;
  readonly log: Log;
  readonly now: () => number;
  /** Between two summaries in the log. Default: an hour. */
  readonly summaryMs?: number;
}

/** However much is refused, the file is written no more often. */
const WRITE_MS = 2 * SECOND_MS;
/** Lines of one summary. */
const SUMMED_MAX = 20;

export function watchRefusals({ file, shared, log, now, summaryMs = HOUR_MS }: RefusalWatchOptions): RefusalWatch {
  const register = new RefusalRegister(now, shared === undefined ? readRefusals(file) : []);
  /** Counts that the log has, of what this run refused. */
  const logged = new Map<string, number>();
  let writing: NodeJS.Timeout | undefined;
  const write = async (): Promise<void> => {
    clearTimeout(writing);
    writing = undefined;
    try {
      if (shared === undefined) writeRefusals(file, register.totals());
      else await shared.write(register.totals());
    } catch {
      // A full disk is said by the ledger; status and the boards know the refusals all the same.
    }
  };
  const isNews = (total: RefusalTotal): boolean => total.count > (logged.get(keyOf(total)) ?? Number.POSITIVE_INFINITY);
  const sumUp = (total: RefusalTotal): void => {
    const before = logged.get(keyOf(total)) ?? 0;
    logged.set(keyOf(total), total.count);
    say(log, { ...total, count: total.count - before }, total.senders[0]?.address ?? '', 'Since the last line about it, ');
  };
  const summaries = setInterval(() => {
    const totals = register.totals();
    const known = new Set(totals.map(keyOf));
    for (const key of logged.keys()) if (!known.has(key)) logged.delete(key);
    for (const total of totals.filter(isNews).slice(0, SUMMED_MAX)) sumUp(total);
  }, summaryMs).unref();
  return {
    refused: (refusal, address) => {
      const total = register.note(refusal, address);
      if (!logged.has(keyOf(total))) {
        logged.set(keyOf(total), total.count);
        say(log, { ...total, count: refusal.count }, address, '');
      }
      writing ??= setTimeout(() => void write(), WRITE_MS).unref();
    },
    // Of others nothing is known while the database is away.
    totals: async () => (await shared?.all(register.totals()).catch(() => undefined)) ?? register.totals(),
    close: async () => {
      clearInterval(summaries);
      if (writing !== undefined) await write();
      await shared?.close();
    },
  };
}

const keyOf = ({ kind, detail }: Pick<Refusal, 'kind' | 'detail'>): string => `${kind} ${detail}`;

function say(log: Log, refusal: Refusal, address: string, before: string): void {
  const { kind, count } = refusal;
  const message = `${before}${describeRefusal(refusal)}.`;
  const details = { hint: remedyOf(refusal), fields: { kind, count, ...(address !== '' && { address }) } };
  if (REFUSALS[kind].severity === 'info') log('receiver_ignored', message, details);
  else log('receiver_refused', message, details);
}
