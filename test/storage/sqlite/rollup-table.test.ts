import { DatabaseSync } from 'node:sqlite';
import { describe, expect, jest, test } from '@jest/globals';
import { MEASURE_NAMES } from '../../../collector/catalog/measures.ts';
import { PICO_PER_USD, RECORD_USD_MAX } from '../../../collector/core/money.ts';
import { POINT_COUNT_MAX } from '../../../collector/ingest/claude-code/attributes.ts';
import { RollupTable } from '../../../collector/storage/sqlite/rollup-table.ts';
import { CARRIES_TABLE, UNIT } from '../../../collector/storage/sqlite/wide.ts';
import { seededRandom } from '../../support/random.ts';

const RECORDS = 1_000_000;

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

  test('adds up thousands of mixtures of its measures with a few hundred statements', () => {
    const random = seededRandom('mixtures of measures');
    const database = new DatabaseSync(':memory:');
    const definitions = MEASURE_NAMES.map((name) => `${name} INTEGER NOT NULL DEFAULT 0`);
    database.exec(`CREATE TABLE r (bucket INTEGER, dims INTEGER, ${definitions.join()}, PRIMARY KEY (bucket, dims)) STRICT`);
    const prepare = jest.spyOn(database, 'prepare');
    const table = new RollupTable(database, 'r');
    const expected = new Map<number, number[]>();
    for (let row = 0; row < 5_000; row++) {
      const dims = random.below(5);
      const sums = expected.getOrInsertComputed(dims, () => MEASURE_NAMES.map(() => 0));
      const share = random.below(10) / 10;
      const values = MEASURE_NAMES.map((_, index) => {
        if (random.chance(share)) return undefined;
        const value = random.below(1_000) - 300;
        sums[index] = (sums[index] ?? 0) + value;
        return value;
      });
      table.add(1, dims, { values });
    }
    expect(prepare.mock.calls.length).toBeLessThanOrEqual(202);
    const rows = database.prepare(`SELECT dims, ${MEASURE_NAMES.join()} FROM r ORDER BY dims`).all();
    expect(rows.map((row) => Object.values(row))).toEqual([...expected].sort(([a], [b]) => a - b).map(([dims, sums]) => [dims, ...sums]));
    database.close();
  });

  test('adds a million of the largest records to one row exactly, and takes them away again', () => {
    const database = new DatabaseSync(':memory:');
    database.exec(`CREATE TABLE r (bucket INTEGER, dims INTEGER, money INTEGER NOT NULL DEFAULT 0, tokens INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (bucket, dims)) STRICT; ${CARRIES_TABLE}`);
    const table = new RollupTable(database, 'r', ['money', 'tokens']);
    const money = BigInt(RECORD_USD_MAX) * PICO_PER_USD - 7n;
    const sums = () => {
      const statement = database.prepare(`SELECT money, tokens, (SELECT units FROM carries WHERE measure = 'money') AS money_units,
        (SELECT units FROM carries WHERE measure = 'tokens') AS tokens_units FROM r`);
      statement.setReadBigInts(true);
      const row = statement.get() as Record<string, bigint | null>;
      return [(row.money_units ?? 0n) * UNIT + (row.money ?? 0n), (row.tokens_units ?? 0n) * UNIT + (row.tokens ?? 0n)];
    };
    database.exec('BEGIN');
    for (let record = 0; record < RECORDS; record++) table.add(1, 1, { values: [money, POINT_COUNT_MAX] });
    expect(sums()).toEqual([money * BigInt(RECORDS), BigInt(POINT_COUNT_MAX) * BigInt(RECORDS)]);
    table.add(1, 1, { values: [-money * BigInt(RECORDS), -BigInt(POINT_COUNT_MAX) * BigInt(RECORDS - 1)] });
    expect(sums()).toEqual([0n, BigInt(POINT_COUNT_MAX)]);
    database.close();
  });

  test('equals plain arithmetic whatever is added', () => {
    const random = seededRandom('property: wide sums');
    for (let round = 0; round < 200; round++) {
      const database = new DatabaseSync(':memory:');
      database.exec(
        `CREATE TABLE r (bucket INTEGER, dims INTEGER, a INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (bucket, dims)) STRICT; ${CARRIES_TABLE}`,
      );
      const table = new RollupTable(database, 'r', ['a']);
      let expected = 0n;
      for (let step = 0; step < 40; step++) {
        const value = BigInt(random.below(1_000_000_000)) ** BigInt(1 + random.below(3)) * (random.chance(0.4) ? -1n : 1n);
        expected += value;
        table.add(1, 1, { values: [value] });
      }
      const statement = database.prepare('SELECT SUM(a) AS low, (SELECT SUM(units) FROM carries) AS units FROM r');
      statement.setReadBigInts(true);
      const { low, units } = statement.get() as Record<string, bigint | null>;
      expect((units ?? 0n) * UNIT + (low ?? 0n)).toBe(expected);
      database.close();
    }
  });
});
