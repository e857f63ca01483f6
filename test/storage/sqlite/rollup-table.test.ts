import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import { RollupTable } from '../../../collector/storage/sqlite/rollup-table.ts';

describe('a roll-up table', () => {
  const COLUMNS = Array.from({ length: 70 }, (_, index) => `m${index}`);
  const empty = (): (bigint | number | undefined)[] => COLUMNS.map(() => undefined);

  test('adds up any set of its columns, however many the catalogue comes to', () => {
    const database = new DatabaseSync(':memory:');
    const definitions = COLUMNS.map((name) => `${name} INTEGER NOT NULL DEFAULT 0`);
    database.exec(`CREATE TABLE r (bucket INTEGER, dims INTEGER, ${definitions.join()}, PRIMARY KEY (bucket, dims)) STRICT`);
    const table = new RollupTable(database, 'r', COLUMNS);
    const sets = [[0], [0, 52, 53], [0, 1, 52, 53], [53, 54], [54], [0, 69], COLUMNS.keys().toArray()];
    const expected = COLUMNS.map(() => 0);
    for (const columns of [...sets, ...sets]) {
      const values = empty();
      for (const index of columns) values[index] = index % 2 === 0 ? BigInt(index + 1) : index + 1;
      for (const index of columns) expected[index] = (expected[index] ?? 0) + index + 1;
      table.add(1, 1, { values });
    }
    const row = database.prepare(`SELECT ${COLUMNS.join()} FROM r`).get() ?? {};
    expect(Object.values(row)).toEqual(expected);
    database.close();
  });
});
