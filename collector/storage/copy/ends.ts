/**
 * The two ends of a copy, whatever store they are. Rows have the columns that both stores have: integers are bigints, sums whole, what is yes or no a
 * boolean; combinations of dimensions and sessions have the numbers of the end that they are of.
 */
import type { MeasureName } from '../../catalog/measures.ts';
import { DAY_MS } from '../../core/duration.ts';
import type { LedgerReader } from '../../ledger/ledger.ts';
import type { Say } from './progress.ts';

export type Cell = string | number | bigint | boolean | null;
/** By column. Columns that a table does not have are left out. */
export type Cells = Readonly<Record<string, Cell>>;

export const QUARTERS_A_DAY = 96;
/** Of readers that compare both: nobody waits for an answer. */
export const UNHURRIED_READER = { snapshotMaxMs: DAY_MS } as const;

/** A combination of dimensions; names in catalog order. */
export interface Combination {
  readonly id: bigint;
  readonly names: readonly string[];
}

export interface SourceSession {
  readonly session: bigint;
  readonly sessionId: string;
  readonly madeMs: number;
  readonly entries: number;
  /** Changes with whatever is written of the session. */
  readonly mark: string;
  /** Its columns, without numbers of the source. */
  readonly cells: Cells;
  readonly firstDims: bigint;
  readonly lastDims: bigint;
}

/** A row of sums: `bucket` is a quarter of an hour, or a session. Of sums null is 0. */
export interface Sums<Dims extends number | bigint = bigint> {
  readonly bucket: number;
  readonly dims: Dims;
  readonly sums: Readonly<Partial<Record<MeasureName, bigint | null>>>;
}

/** Of a quarter of an hour: all rows, and a mark of them. */
export interface Quarter {
  readonly bucket: number;
  readonly rows: readonly Sums<number>[];
  readonly mark: string;
}

/** What is compared of a session beside its costs. */
export const SESSION_FIGURES = ['first_ms', 'last_ms', 'removed_before_ms', 'numbered_events', 'missing_events', 'held_back_entries'] as const;
/** What is added up of its entries. */
export const ENTRY_SUMS = ['cost', 'list_cost', 'time_ms', 'start_ms', 'sequence', 'flags', 'held_back'] as const;
/** Texts, added up by their length. */
export const ENTRY_TEXTS = ['identity', 'amounts'] as const;
/** What not every entry has. */
export const ENTRY_OPTIONS = ['series', 'request'] as const;
/** The name of what is said of all entries. */
export const ofEntries = (column: string): string => `entries.${column}`;
/** What a session came to, by column: as the row of the session has it, and its entries counted and added up. */
export type Figures = Readonly<Record<string, bigint>>;

/** Tables with a row for each combination or request, kept and compared by UTC day. */
export type DayTable = 'minutes' | 'api_requests';
export const DAY_TABLES: readonly DayTable[] = ['minutes', 'api_requests'];
/** Small ones, written anew as a whole. */
export const SMALL_TABLES = ['state', 'people', 'dimension_values', 'closed_months', 'moved_postings', 'repricings', 'erased'] as const;
export type SmallTable = (typeof SMALL_TABLES)[number];
/** What belongs to sessions beside their entries; places name dims. */
export type SessionTable = 'session_places' | 'removals' | 'session_links';

export interface LedgerFacts {
  readonly asOfMs: number | undefined;
  /** By a clock that was ahead: see LATEST_BEYOND_MS. */
  readonly latestMs: number | undefined;
  /** Of digests of names that were erased. */
  readonly erasureKey: string | undefined;
}

/** What lies beside a ledger: rows of tables by their name in a database, and small files. */
export interface BesideLedger {
  /** Those of a table; nothing where there is none. */
  pages(table: string): AsyncIterable<readonly Cells[]>;
  file(name: string): Promise<Uint8Array | undefined>;
}

export interface CopySource {
  /** As people read it. */
  readonly name: string;
  readonly beside: BesideLedger;
  /** All that is asked meanwhile is of one instant. */
  instant<Answer>(run: () => Promise<Answer>): Promise<Answer>;
  /** Undefined while somebody writes there, else what `run` answers; nobody begins to write before its end. */
  unwritten<Answer>(run: () => Promise<Answer>): Promise<Answer | undefined>;
  combinations(): AsyncIterable<readonly Combination[]>;
  countSessions(): Promise<number>;
  /** In the order in which they were made. */
  sessions(): AsyncIterable<readonly SourceSession[]>;
  /** With `session` and `dims`. */
  entries(sessions: readonly SourceSession[]): AsyncIterable<readonly Cells[]>;
  belongings(table: SessionTable, sessions: readonly SourceSession[]): Promise<readonly Cells[]>;
  /** What sessions came to before their entries were removed. */
  removed(sessions: readonly SourceSession[]): Promise<readonly Sums[]>;
  /** The first UTC day from then on that has sums. */
  nextDay(day: number): Promise<number | undefined>;
  /** By quarter of an hour of a UTC day: at most so many rows. */
  sizes(day: number): Promise<ReadonlyMap<number, number>>;
  /** From one quarter of an hour on, up to another and without it. */
  sums(from: number, until: number): Promise<readonly Sums[]>;
  daysOf(table: DayTable): Promise<readonly number[]>;
  rowsOf(table: DayTable, day: number): Promise<readonly Cells[]>;
  small(table: SmallTable): Promise<readonly Cells[]>;
  facts(): Promise<LedgerFacts>;
  figures(sessions: readonly number[]): Promise<ReadonlyMap<number, Figures>>;
  reader(): LedgerReader;
  close(): Promise<void>;
}

/** Where a session lies in the target. */
export interface Place {
  readonly session: number;
  /** The month in which it was made, as partOf. */
  readonly part: number;
}

/** Within a transaction. */
export interface Writing {
  /** Beside what is written of them: marks of parts by their number. */
  mark(what: string, marks: ReadonlyMap<number, string>): Promise<void>;
  insert(table: string, rows: readonly Cells[]): Promise<void>;
  /** With all that belongs to them. */
  removeSessions(sessions: readonly number[]): Promise<void>;
  insertRemoved(rows: readonly Sums<number>[]): Promise<void>;
  clear(table: SmallTable): Promise<void>;
  clearDay(table: DayTable, day: number): Promise<void>;
  setFacts(facts: LedgerFacts): Promise<void>;
}

export interface CopyTarget {
  readonly beside: BesideLedger;
  /** Marks that were written; of these numbers alone where they are named. */
  marks(what: string, numbers?: readonly number[]): Promise<Map<number, string>>;
  /** Again where that helps. */
  transaction(run: (into: Writing) => Promise<void>): Promise<void>;
  /** Answers their numbers in the target. */
  store(combinations: readonly Combination[]): Promise<ReadonlyMap<bigint, number>>;
  /** Of sessions that were never written, by their number at the source; they are written before it is asked again. */
  newPlaces(sessions: readonly SourceSession[]): Promise<ReadonlyMap<bigint, Place>>;
  /** Before anything is written there. */
  prepare(places: readonly Place[]): Promise<void>;
  /** What they have, instead of what they had; with their marks, of `what`. */
  replaceSums(quarters: readonly Quarter[], what: string): Promise<void>;
  /** After the last pass, before both are compared. */
  complete(): Promise<void>;
  /** Beside what it holds: nothing that was there before stays. */
  replaceBeside(source: BesideLedger): Promise<void>;
  figures(sessions: readonly number[]): Promise<ReadonlyMap<number, Figures>>;
  small(table: SmallTable): Promise<readonly Cells[]>;
  erasureKey(): Promise<string | undefined>;
  reader(): LedgerReader;
  /** Of a copy that is the same ledger: from now on collectors may start on it. */
  release(say: Say): Promise<void>;
  close(): Promise<void>;
}
