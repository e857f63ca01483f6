/**
 * One import: reads days of a source and stores each as a whole the moment it is there. Broken off at any instant and begun again, it ends with the
 * same lines; two at once end with what was asked for last.
 */
import { LedgerlineError } from '../core/error.ts';
import { daysAfter, daysOf, isComplete, rangeOf, type Wanted } from './days.ts';
import type { ImportStore } from './history/statement-lines.ts';
import { Remarks } from './remarks.ts';
import type { DayRead, FailedDay, StatementSource } from './source.ts';
import type { DayOutcome, DayRange, RunEnd, StatementOrigin, StatementTotals } from './statements.ts';
import { addedTotals, NOTHING } from './totals.ts';

export interface ImportOptions {
  readonly origin: StatementOrigin;
  readonly source: StatementSource;
  readonly store: ImportStore;
  readonly wanted: Wanted;
  /** Reads everything, stores nothing, and says what would be. */
  readonly isTrial: boolean;
  /** Takes it from the source that it has nothing any more about days that had lines. */
  readonly acceptsEmpty?: boolean;
  readonly now: () => number;
  /** Aborted by Ctrl+C: days that are whole stay. */
  readonly signal?: AbortSignal | undefined;
  readonly onDay?: (progress: Progress) => void;
}

export interface Progress {
  readonly day: string;
  readonly done: number;
  readonly of: number;
}

export interface RevisedDay {
  readonly day: string;
  readonly before: StatementTotals;
  readonly after: StatementTotals;
}

export interface ImportSummary {
  readonly origin: StatementOrigin;
  readonly range: DayRange;
  readonly isTrial: boolean;
  readonly outcome: RunEnd['outcome'];
  readonly days: Readonly<Record<DayOutcome['what'], number>>;
  readonly revised: readonly RevisedDay[];
  /** Days that could not be read: they are as they were. */
  readonly failed: readonly FailedDay[];
  readonly lines: number;
  /** Of the days that were read. */
  readonly totals: StatementTotals;
  readonly remarks: readonly string[];
  /** Why it ended before its last day. */
  readonly error: LedgerlineError | undefined;
}

/** Throws LedgerlineError `invalid` for a range that there is not; whatever happens afterwards is in the summary. */
export async function runImport(options: ImportOptions): Promise<ImportSummary> {
  const { origin, source, store, wanted, isTrial, now } = options;
  const known = (await store.days({ from: '', to: '~', sources: [origin.source] })).filter(({ account }) => account === origin.account);
  const range = rangeOf(wanted, source, known, now());
  const id = isTrial ? undefined : await store.beginRun(origin, range, now());
  const run = new Run(options, range, new Map(known.map(({ day, lines }) => [day, lines])));
  const error = await run.readAll();
  if (error === undefined && !isTrial) await run.readNames();
  const summary = run.summary(error);
  if (id !== undefined) await store.endRun(id, { ...accountOf(summary), nowMs: now() });
  return summary;
}

class Run {
  readonly #options: ImportOptions;
  readonly #range: DayRange;
  readonly #linesBefore: ReadonlyMap<string, number>;
  readonly #remarks = new Remarks();
  readonly #days = { new: 0, same: 0, revised: 0, outdated: 0 };
  readonly #revised: RevisedDay[] = [];
  readonly #failed: FailedDay[] = [];
  readonly #read: string[] = [];
  #lines = 0;
  #totals: StatementTotals = NOTHING;

  constructor(options: ImportOptions, range: DayRange, linesBefore: ReadonlyMap<string, number>) {
    this.#options = options;
    this.#range = range;
    this.#linesBefore = linesBefore;
  }

  /** Answers why it ended early. */
  async readAll(): Promise<LedgerlineError | undefined> {
    const { source, now, signal, onDay } = this.#options;
    const days = daysOf(this.#range);
    const left = new Set(days);
    try {
      for await (const read of source.read(days, { now, signal, remarks: this.#remarks })) {
        if (!left.delete(read.day)) continue;
        this.#read.push(read.day);
        await this.#take(read);
        onDay?.({ day: read.day, done: days.length - left.size, of: days.length });
        signal?.throwIfAborted();
      }
    } catch (thrown) {
      return LedgerlineError.from(thrown);
    }
    if (source.isOfFiles === true) return undefined;
    for (const day of left) this.#failed.push({ day, error: new LedgerlineError('unsupported', `${source.title} brought nothing about it.`) });
    return undefined;
  }

  /** Names are a help: without them lines say the same by ids. */
  async readNames(): Promise<void> {
    const { source, store, signal } = this.#options;
    try {
      const names = await source.names?.();
      if (names !== undefined) await store.putNames(names);
    } catch (thrown) {
      if (signal?.aborted !== true) this.#remarks.note(`Names behind ids could not be read: ${LedgerlineError.from(thrown).message}`);
    }
  }

  async #take(read: DayRead): Promise<void> {
    if ('error' in read) {
      this.#failed.push(read);
      return;
    }
    const { origin, source, store, isTrial, now } = this.#options;
    const { day, askedMs } = read;
    const lines = [...read.lines];
    const before = this.#linesBefore.get(day) ?? 0;
    if (lines.length === 0 && before > 0 && this.#options.acceptsEmpty !== true) {
      this.#failed.push({ day, error: emptied(source.title, before) });
      return;
    }
    const isWhole = isComplete(day, source, askedMs);
    const outcome = await store.replaceDay({ ...origin, day, lines, askedMs, isComplete: isWhole, nowMs: now(), isTrial });
    const { what, before: revised, after } = outcome;
    this.#days[what]++;
    this.#lines += outcome.lines;
    this.#totals = addedTotals(this.#totals, after);
    if (revised !== undefined) this.#revised.push({ day, before: revised, after });
  }

  /** Of files, what was found. */
  #readRange(): DayRange {
    const [first, last] = [this.#read.toSorted()[0], this.#read.toSorted().at(-1)];
    return this.#options.source.isOfFiles === true && first !== undefined && last !== undefined
      ? { from: first, to: daysAfter(last, 1) }
      : this.#range;
  }

  summary(error: LedgerlineError | undefined): ImportSummary {
    const { origin, isTrial, signal } = this.#options;
    const isStopped = signal?.aborted === true;
    const outcome = isStopped ? 'stopped' : error === undefined && this.#failed.length === 0 ? 'done' : 'failed';
    return {
      ...{ origin, range: this.#readRange(), isTrial, outcome, days: this.#days, revised: this.#revised, failed: this.#failed, lines: this.#lines },
      ...{ totals: this.#totals, remarks: this.#remarks.list(), error: isStopped ? undefined : error },
    };
  }
}

/** Providers revise amounts; that a whole day is gone is rather the key of another organization. */
const emptied = (title: string, lines: number): LedgerlineError =>
  new LedgerlineError('unsupported', `${title} has nothing about it any more, and had ${lines === 1 ? '1 line' : `${lines} lines`}.`, {
    hint: 'Check that the key is of the same organization. If the day really is empty now, use --accept-empty.',
  });

/** What is kept of a run. */
function accountOf({ outcome, days, lines, remarks, failed, error }: ImportSummary): Omit<RunEnd, 'nowMs'> {
  const reasons = [...(error === undefined ? [] : [error.message]), ...failed.map(({ day, error: why }) => `${day}: ${why.message}`)];
  const read = days.new + days.same + days.revised + days.outdated;
  return { outcome, days: read, revised: days.revised, lines, remarks: [...reasons, ...remarks] };
}
