/**
 * A source of statement lines: what a provider, a gateway or a cloud says was used and billed, read a day at a time.
 *
 * To add one: its keys in collector/config/imports.ts; a folder here whose file makes a StatementSource; its line in sources.ts; a stand-in in
 * test/support/imports/. A source only reads. Which days are read, that each is stored as a whole the moment it is there, what changed
 * against the last import, dry runs, Ctrl+C and the account of a run are run.ts; day-by-day.ts is for those that ask for one day at a time,
 * http/json-client.ts for those that ask over HTTP, files/export-source.ts for those that read files.
 */
import type { LedgerlineError } from '../core/error.ts';
import type { KnownName } from './names.ts';
import type { Remarks } from './remarks.ts';
import type { StatementLine } from './statement-line.ts';

export interface StatementSource {
  /** For users: "Anthropic's cost report". */
  readonly title: string;
  /** A day counts as complete so long after its end. */
  readonly delayMs: number;
  /** The provider may still revise so many days: they are read again each time. */
  readonly revisedDays: number;
  /** How far back it has anything. Undefined: as far as anybody asks. */
  readonly daysBack?: number;
  /** The first day that it ever has anything of. */
  readonly firstDay?: string;
  /** Of files: it brings the days that are in them, and leaves all others as they are. */
  readonly isOfFiles?: boolean;
  /**
   * Yields each of these days once, in any order, and only when all of it is there. A day that there is nothing of has no lines. Throws
   * LedgerlineError when nothing more can be read; what was yielded before stays.
   */
  read(days: readonly string[], reading: Reading): AsyncIterable<DayRead>;
  /** Names behind the ids of its lines, where it can say them. */
  readonly names?: () => Promise<readonly KnownName[]>;
}

export interface Reading {
  readonly now: () => number;
  /** Aborted by Ctrl+C. */
  readonly signal?: AbortSignal | undefined;
  readonly remarks: Remarks;
}

/** A day, or why it cannot be read although others can. */
export type DayRead = { readonly day: string; readonly askedMs: number; readonly lines: Iterable<StatementLine> } | FailedDay;

export interface FailedDay {
  readonly day: string;
  readonly error: LedgerlineError;
}
