import { describe, expect, test } from '@jest/globals';
import { OTHER } from '../../collector/catalog/values.ts';
import { MergedRows } from '../../collector/ledger/merged-rows.ts';
import { Random } from '../support/random.ts';

describe('rows beyond the limit', () => {
  test('are added up as "(other)", and the largest are shown with the whole of their figure, in whichever order its parts come', () => {
    const random = new Random(7);
    for (let round = 0; round < 50; round++) {
      const truth = new Map<string, bigint>();
      const merged = new MergedRows({ rowsMax: 5, beyond: 'other' });
      for (let part = 0; part < 400; part++) {
        const name = `name-${random.below(60)}`;
        const value = BigInt(random.below(1_000));
        truth.set(name, (truth.get(name) ?? 0n) + value);
        merged.add(undefined, [name], [value]);
      }
      const rows = merged.rows();
      const total = [...truth.values()].reduce((sum, value) => sum + value, 0n);
      expect(rows.reduce((sum, { values }) => sum + (values[0] ?? 0n), 0n)).toBe(total);
      const named = rows.filter(({ key }) => key[0] !== OTHER);
      expect(named.map(({ values }) => values[0])).toEqual(named.map(({ key }) => truth.get(key[0] ?? '')));
      expect(amountsOf(named.map(({ values }) => values[0] ?? 0n))).toEqual(amountsOf([...truth.values()]).slice(0, 5));
      expect(rows.find(({ key }) => key[0] === OTHER)?.groups).toBe(truth.size - 5);
    }
  });

  test('that are equal are kept by period and then by key, in whichever order they come', () => {
    const names = ['b', 'B', 'ä', 'a', '\u{1f600}', '\ufb01', 'A'];
    const kept = (offered: readonly (readonly [number, string])[]) => {
      const merged = new MergedRows({ rowsMax: 9, beyond: 'other' });
      for (const [startMs, name] of offered) merged.add(startMs, [name], [5n]);
      const ones = merged.rows().filter(({ groups }) => groups === undefined);
      return new Set(ones.map(({ startMs, key }) => `${startMs} ${key.join()}`));
    };
    const offered = [2, 1].flatMap((startMs) => names.map((name) => [startMs, name] as const));
    const expected = new Set([...names.map((name) => `1 ${name}`), '2 A', '2 B']);
    for (const order of [offered, offered.toReversed()]) expect(kept(order)).toEqual(expected);
  });

  test('of more names than are kept apart, the total stays exact, and who is among the larger ones at first may still become the largest', () => {
    const merged = new MergedRows({ rowsMax: 5, beyond: 'other' });
    const names = Array.from({ length: 120_000 }, (_, index) => `name-${index}`);
    for (const [index, name] of names.entries()) merged.add(undefined, [name], [BigInt(index)]);
    merged.add(undefined, ['name-90000'], [1_000_000n]);
    merged.add(undefined, ['name-7'], [1_000n]);
    const rows = merged.rows();
    const named = rows.filter(({ key }) => key[0] !== OTHER).map(({ key, values }) => [key[0], values[0]]);
    expect(named[0]).toEqual(['name-90000', 1_090_000n]);
    expect(named).toHaveLength(5);
    expect(rows.reduce((sum, { values }) => sum + (values[0] ?? 0n), 0n)).toBe((120_000n * 119_999n) / 2n + 1_001_000n);
    // The first one comes to nothing.
    expect(rows.find(({ key }) => key[0] === OTHER)?.groups).toBe(names.length - 5 - 1);
  });
});

describe('the limit', () => {
  test('counts nothing that was taken back, in whichever order its parts come', () => {
    const merged = new MergedRows({ rowsMax: 2 });
    for (const name of ['a', 'b', 'c', 'd']) merged.add(undefined, [name], [1n]);
    for (const name of ['a', 'd']) merged.add(undefined, [name], [-1n]);
    expect(merged.rows().map(({ key }) => key[0])).toEqual(['b', 'c']);
  });

  test('is an error before more than some thousand rows are held', () => {
    const merged = new MergedRows({ rowsMax: 2 });
    let added = 0;
    const addAll = (): void => {
      for (; added < 1_000_000; added++) merged.add(undefined, [`${added}`], [1n]);
    };
    expect(addAll).toThrow('The query has more than 2 rows (limits.query_rows).');
    expect(added).toBeLessThanOrEqual(100_000);
  });
});

const amountsOf = (values: bigint[]): bigint[] => values.sort((a, b) => Number(b - a));
