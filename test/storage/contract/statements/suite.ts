/** What the parts of the suite for stores of statements share. */
import type { StatementLine } from '../../../../collector/imports/statement-line.ts';
import type { DayOutcome, NewDay, StatementColumn, StatementRecords, StatementStore } from '../../../../collector/imports/statements.ts';
import type { OpenedPlace, StorePlace } from '../places.ts';

export interface StatementPlace extends StorePlace<StatementStore> {
  /** Closed by the test. */
  records(): StatementRecords;
  /** Names of files, or of tables, with something that matches. */
  holding(pattern: RegExp): Promise<readonly string[]>;
}

export interface StatementSuite extends OpenedPlace<StatementStore> {
  readonly place: () => StatementPlace;
}

export const OCTOBER = { from: '2026-10-01', to: '2026-11-01' };

export type Put = (lines: readonly StatementLine[], day?: Partial<NewDay> & { readonly atMs?: number }) => Promise<DayOutcome>;

/** Without more: 3 October of one source, asked for and stored at the instant 1. */
export const putInto =
  (store: () => StatementStore): Put =>
  (lines, { atMs = 1, ...day } = {}) =>
    store().replaceDay({ source: 'anthropic-cost', account: '', day: '2026-10-03', isComplete: true, askedMs: atMs, nowMs: atMs, lines, ...day });

/** Key and billed cost of each sum of October. */
export const billedIn =
  (store: () => StatementStore) =>
  async (by: readonly StatementColumn[] = [], asOfMs?: number): Promise<readonly (readonly unknown[])[]> =>
    (await store().sums({ ...OCTOBER, by, asOfMs })).map(({ key, totals }) => [...key, totals.billed]);
