/**
 * Begins with the test files that take longest, so that none of them is left for the end, where one core would wait for the other. Jest goes by
 * what they took the last time, and without that by their size, which says nothing of a suite that a store passes.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import TestSequencer from '@jest/test-sequencer';

/** The longest first. */
const LONGEST = [
  'test/storage/postgres/contract-15.test.ts',
  'test/storage/postgres/contract-18.test.ts',
  'test/storage/sqlite/contract.test.ts',
  'test/storage/sqlite/contract-in-steps.test.ts',
  'test/dashboards/web/boards.test.ts',
  'test/faults/kill.test.ts',
  'test/faults/replicas.test.ts',
  'test/storage/copy/copy-to-folder.test.ts',
  'test/dashboards/reconcile.test.ts',
  'test/ingest/otlp/decode/hostile.test.ts',
  'test/dashboards/web/range.test.ts',
  'test/exposition/backfill/stores.test.ts',
  'test/exports/sums.test.ts',
  'test/alerts/messages.test.ts',
  'test/dashboards/sql.test.ts',
  'test/dashboards/sql-live.test.ts',
  'test/dashboards/web/large.test.ts',
  'test/storage/copy/copy-to-shared.test.ts',
  'test/storage/postgres/ledger-tables.test.ts',
  'test/app/replicas.test.ts',
];

const PATHS = LONGEST.map((name) => join(import.meta.dirname, '../..', name));
const missing = PATHS.find((path) => !existsSync(path));
if (missing !== undefined) throw new Error(`${missing} is no test any more: take it out of test/support/longest-first.mjs`);

export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    const long = PATHS.flatMap((path) => sorted.filter((test) => test.path === path));
    return [...new Set([...long, ...sorted])];
  }
}
