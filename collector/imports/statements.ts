/**
 * What can be asked of the provider's own records, and how they are kept. A source's day is replaced as a whole when it is imported again;
 * what it replaced stays, with from when to when it was what was known.
 */
import type { Eraser } from '../ledger/erasure.ts';
import type { KnownName, NameKind } from './names.ts';
import type { StatementAmount, StatementLine, StatementText } from './statement-line.ts';

/** Several accounts of one provider, each imported with a key of its own, are kept apart by name. The only one has the name ''. */
export interface StatementOrigin {
  /** Name of the import, such as "anthropic-cost". */
  readonly source: string;
  readonly account: string;
}

export type StatementColumn = 'source' | 'account' | 'day' | StatementText;

/** Days in UTC: "2026-10-01" up to, and without, "2026-11-01". */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

export interface StatementQuery extends DayRange {
  /** Default: all. */
  readonly sources?: readonly string[] | undefined;
  readonly by: readonly StatementColumn[];
  /** All columns must match, values of one column are alternatives. '': not known. */
  readonly where?: readonly { readonly column: StatementColumn; readonly values: readonly string[] }[];
  /** As it was known at that instant. Default: now. */
  readonly asOfMs?: number | undefined;
  /** Throws LedgerlineError `too_large` beyond it. */
  readonly rowsMax?: number;
}

/** Money in pico-dollars. Undefined where no line says anything about it. */
export type StatementTotals = { readonly [Amount in StatementAmount]: bigint | undefined };

export interface StatementSum {
  /** In the order of `by`. '': not known. */
  readonly key: readonly string[];
  readonly totals: StatementTotals;
  readonly lines: number;
}

/** One version of a source's day. */
export interface StatementDay extends StatementOrigin {
  readonly day: string;
  /** From when to when this was what was known. Undefined: it still is. */
  readonly sinceMs: number;
  readonly untilMs: number | undefined;
  /** When the provider was last asked, and said the same. */
  readonly checkedMs: number;
  /** Was the day over, and the provider's delay with it, when it was asked? */
  readonly isComplete: boolean;
  readonly lines: number;
  readonly totals: StatementTotals;
}

export interface StatementReader {
  /** Ordered by key. */
  sums(query: StatementQuery): Promise<readonly StatementSum[]>;
  /** The days that are there, by source, account and day. A day without lines is there, too. */
  days(range: DayRange & Pick<StatementQuery, 'sources' | 'asOfMs'>): Promise<readonly StatementDay[]>;
  /** Every version of these days, the oldest first. */
  versions(range: DayRange & Pick<StatementQuery, 'sources'>): Promise<readonly StatementDay[]>;
  /** Id to name, as the last imports of all sources have it. */
  names(kind: NameKind): Promise<ReadonlyMap<string, string>>;
  /** Every source and account that was ever imported, or tried. */
  origins(): Promise<readonly StatementOrigin[]>;
  /** The newest first. */
  runs(origin: StatementOrigin, limit: number): Promise<readonly ImportRun[]>;
  close(): Promise<void>;
}

export interface NewDay extends StatementOrigin {
  /** In UTC: "2026-10-03". */
  readonly day: string;
  readonly lines: Iterable<StatementLine>;
  readonly isComplete: boolean;
  /** When the provider was asked. What another run has asked for later is not replaced. */
  readonly askedMs: number;
  readonly nowMs: number;
  /** Nothing is changed; the outcome says what would be. */
  readonly isTrial?: boolean;
}

export interface DayOutcome {
  /** `outdated`: another run brought something newer meanwhile, which stays. */
  readonly what: 'new' | 'same' | 'revised' | 'outdated';
  readonly lines: number;
  /** Of a day that is revised. */
  readonly before?: StatementTotals;
  readonly after: StatementTotals;
}

export interface ImportRun {
  readonly id: number;
  readonly startedMs: number;
  /** Undefined: it is under way, or was killed. */
  readonly endedMs: number | undefined;
  readonly range: DayRange;
  /** `stopped`: by whoever ran it. */
  readonly outcome: 'running' | 'done' | 'stopped' | 'failed';
  /** Days that were brought or found unchanged. */
  readonly days: number;
  readonly revised: number;
  readonly lines: number;
  /** Why it failed; what the provider said that is not known here. */
  readonly remarks: readonly string[];
}

export type RunEnd = Pick<ImportRun, 'days' | 'revised' | 'lines' | 'remarks'> & {
  readonly outcome: Exclude<ImportRun['outcome'], 'running'>;
  readonly nowMs: number;
};

/** Any process may write, also beside others: each day is one transaction. */
export interface StatementStore extends StatementReader {
  replaceDay(day: NewDay): Promise<DayOutcome>;
  /** Adds to those that are known; one that has another name by now gets it. */
  putNames(names: readonly KnownName[]): Promise<void>;
  /** Answers its id. */
  beginRun(origin: StatementOrigin, range: DayRange, nowMs: number): Promise<number>;
  endRun(id: number, end: RunEnd): Promise<void>;
}

/** Statement lines as far as they name users. */
export interface StatementRecords {
  /** In one transaction. Answers how many combinations of texts, and runs, held a name. A trial changes nothing. */
  erase(eraser: Eraser, options: { readonly isRemembered: boolean; readonly isTrial: boolean }): Promise<number>;
  /** Takes the bytes of what was erased out of the files. False when others are reading: ask again. */
  wipe(): Promise<boolean>;
  /** Lines that name the user, also those that were replaced; money in pico-dollars. */
  find(eraser: Eraser): Promise<readonly unknown[]>;
  close(): Promise<void>;
}
