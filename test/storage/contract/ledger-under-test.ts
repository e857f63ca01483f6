/** A ledger, opened anew for each test and checked after it. */
import { afterEach, beforeEach, expect } from '@jest/globals';
import type { DimensionName, MeasureName } from '../../../collector/catalog/measures.ts';
import type { AppendOutcome, Entry } from '../../../collector/ledger/entry.ts';
import type { LedgerReader, LedgerWriter, Query, QueryResult } from '../../../collector/ledger/ledger.ts';
import { NOON } from '../../support/entries.ts';

export interface OpenLedger {
  readonly writer: LedgerWriter;
  readonly reader: LedgerReader;
  /** As the store keeps a text, where that is not the text itself. */
  kept?(text: string): string;
  /** Closes both and opens them again on the same data. */
  reopen(options?: { timeZone?: string }): Promise<OpenLedger>;
  destroy(): Promise<void>;
}

/** How a store is opened. Whatever `limits` leaves out is as in production. */
export type OpenStore = (limits?: SnapshotLimits) => Promise<OpenLedger>;

export interface SnapshotLimits {
  /** At once; others wait. */
  readonly snapshotsMax?: number;
  readonly snapshotMaxMs?: number;
}

export interface LedgerUnderTest {
  readonly reader: LedgerReader;
  readonly writer: LedgerWriter;
  kept(text: string): string;
  reopen(options?: { timeZone?: string }): Promise<void>;
  /** Received a day after noon. */
  append(...entries: Entry[]): Promise<AppendOutcome>;
  receive(receivedMs: number, ...entries: Entry[]): Promise<AppendOutcome>;
  /** The cost of everything, unless the query asks otherwise. */
  ask(query: Partial<Query>): Promise<QueryResult>;
  total(measure?: MeasureName): Promise<bigint | undefined>;
  by(dimension: DimensionName, measure?: MeasureName, query?: Partial<Query>): Promise<Record<string, bigint | undefined>>;
}

const DAY = 24 * 3_600_000;

/** Within a describe block. After each test the roll-ups must equal the entries. */
export function useLedger(open: OpenStore, limits?: SnapshotLimits): LedgerUnderTest {
  let opened: OpenLedger;
  beforeEach(async () => {
    opened = await open(limits);
  });
  afterEach(async () => {
    const differences = await opened.reader.check();
    await opened.destroy();
    expect(differences).toEqual([]);
  });
  const receive: LedgerUnderTest['receive'] = (receivedMs, ...entries) => opened.writer.append({ entries, receivedMs });
  const ask: LedgerUnderTest['ask'] = (query) =>
    opened.reader.query({ measures: ['cost'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 1000, ...query });
  return {
    get reader() {
      return opened.reader;
    },
    get writer() {
      return opened.writer;
    },
    kept: (text) => opened.kept?.(text) ?? text,
    async reopen(options) {
      opened = await opened.reopen(options);
    },
    receive,
    append: (...entries) => receive(NOON + DAY, ...entries),
    ask,
    total: async (measure = 'cost') => (await ask({ measures: [measure] })).totals[0],
    async by(dimension, measure = 'cost', query = {}) {
      const { rows } = await ask({ by: [dimension], measures: [measure], ...query });
      return Object.fromEntries(rows.map((row) => [row.key[0], row.values[0]]));
    },
  };
}
