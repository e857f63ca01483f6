import { hash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { DIMENSION_NAMES } from '../../../collector/catalog/measures.ts';
import { DimsIndex } from '../../../collector/storage/sqlite/dims-index.ts';
import { migrate, transaction } from '../../../collector/storage/sqlite/schema.ts';
import { seededRandom } from '../../support/random.ts';

const RECENT_MAX = 200;
const VALUES = DIMENSION_NAMES.map(() => '');
const digest = (name: string): string => hash('sha256', name, 'base64url').slice(0, 22);

describe('the numbers of combinations', () => {
  let database: DatabaseSync;
  let index: DimsIndex;
  beforeEach(() => {
    database = new DatabaseSync(':memory:');
    migrate(database);
    index = new DimsIndex(database, RECENT_MAX);
  });

  const count = (sql: string): number => Number(database.prepare(`SELECT count(*) AS n FROM ${sql}`).get()?.n);
  const numberOf = (name: string): number => index.numberOf(VALUES, digest(name));

  test('are found after any number of starts, kills and failed transactions, and given once', () => {
    const random = seededRandom('numbers of combinations');
    const numbers = new Map<string, number>();
    for (let step = 0; step < 400; step++) {
      const names = Array.from({ length: 1 + random.below(40) }, () => `combination ${random.below(6_000)}`);
      const fails = random.chance(0.1);
      index.begin();
      try {
        transaction(database, () => {
          for (const name of names) {
            const id = numberOf(name);
            if (!fails) expect(numbers.getOrInsert(name, id)).toBe(id);
          }
          if (fails) throw new Error('The disk is full.');
        });
      } catch (error) {
        if (!fails) throw error;
        index.forget();
      }
      if (random.chance(0.05)) index = new DimsIndex(database, RECENT_MAX);
    }
    for (const [name, id] of numbers) expect(index.find(digest(name))).toBe(id);
    expect(count('dims')).toBe(numbers.size);
    expect(count('(SELECT DISTINCT key FROM dims)')).toBe(numbers.size);
    // All but the latest are in the table, and a start reads these alone. With each start the parts have their turns anew; at four times as many all have theirs.
    expect(count('dims_by_key')).toBeGreaterThanOrEqual(numbers.size - 4 * RECENT_MAX);
    expect(count(`dims WHERE id > (SELECT value FROM state WHERE name = 'dims_indexed')`)).toBeLessThanOrEqual(5 * RECENT_MAX);
    index.settle();
    expect(count('dims_by_key')).toBe(numbers.size);
  });

  test('are read by a start from where the last one had come, also when rounds begin after all were settled', () => {
    const mark = () => Number(database.prepare(`SELECT value FROM state WHERE name = 'dims_indexed'`).get()?.value);
    for (let name = 0; name < 1_000; name++) numberOf(`old ${name}`);
    index.settle();
    index = new DimsIndex(database, RECENT_MAX);
    let before = mark();
    expect(before).toBe(1_000);
    for (let name = 0; name < 1_000; name++) {
      numberOf(`new ${name}`);
      expect(mark()).toBeGreaterThanOrEqual(before);
      before = mark();
    }
    expect(before).toBeGreaterThan(1_000);
  });

  test('that are removed or get another digest are found by it alone, though numbers are given again', () => {
    const [first, last] = [numberOf('first'), numberOf('last')];
    index.remove(digest('first'));
    database.prepare('UPDATE dims SET key = ? WHERE id = ?').run(digest('renamed'), first);
    index.add(digest('renamed'), first);
    index.remove(digest('last'));
    database.prepare('DELETE FROM dims WHERE id = ?').run(last);
    index.settle();
    expect(numberOf('new')).toBe(last);
    index = new DimsIndex(database);
    expect(['first', 'renamed', 'last', 'new'].map((name) => index.find(digest(name)))).toEqual([undefined, first, undefined, last]);
  });
});
