import { describe, expect, test } from '@jest/globals';
import { OTHER } from '../../collector/catalog/values.ts';
import { MergedRows } from '../../collector/ledger/merged-rows.ts';
import { Random } from '../support/random.ts';

describe('rows beyond the limit', () => {
  test('are added up as "(other)", and a name that is shown has the whole of its figure, in whichever order its parts come', () => {
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
      expect(named).toHaveLength(5);
      expect(named.map(({ values }) => values[0])).toEqual(named.map(({ key }) => truth.get(key[0] ?? '')));
      expect(rows.find(({ key }) => key[0] === OTHER)?.groups).toBe(truth.size - 5);
    }
  });
});
