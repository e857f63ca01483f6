/** A file of comma-separated values runs nothing, whoever opens it where. */
import { describe, expect, test } from '@jest/globals';
import { toCsv } from '../../collector/query/csv.ts';
import { seededRandom } from '../support/random.ts';

const cellOf = (text: string): string => toCsv(['a'], [[text]]).slice('a\r\n'.length, -2);

test.each([
  ['platform', 'platform'],
  ['claude-opus-5', 'claude-opus-5'],
  ['2026-11-20T12:00:00+01:00', '2026-11-20T12:00:00+01:00'],
  ['-12.50', '-12.50'],
  ['=1+1', "'=1+1"],
  ['+1+1', "'+1+1"],
  ['-1+1', "'-1+1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['＝1+1', "'＝1+1"],
  ['＋1', "'＋1"],
  ['－1+1', "'－1+1"],
  ['＠SUM(A1)', "'＠SUM(A1)"],
  ['  =1+1', "'  =1+1"],
  ['\u00a0=1+1', "'\u00a0=1+1"],
  ['\u200b=1+1', "'\u200b=1+1"],
  ['\t=1+1', `"'\t'=1+1"`],
  ['\tx', `"'\tx"`],
  ['a;=1+1', `"a;'=1+1"`],
  ['a,=1+1', `"a,'=1+1"`],
  ['a\t=1+1', `"a\t'=1+1"`],
  ['a|=1+1', `"a|'=1+1"`],
  ['a\r\n=1+1', `"a\r'\n'=1+1"`],
  ['a"=1+1', `"a""'=1+1"`],
  ['";=1+1', `""";'=1+1"`],
  ['a; ＝1', `"a;' ＝1"`],
])('%j is written as %j', (text, cell) => {
  expect(cellOf(text)).toBe(cell);
});

describe('whatever a name is', () => {
  const CHARACTERS = [...'ab1 =+-@＝＋－＠,;|\t\r\n"\'\u200b'];
  test('no part of its line begins like a formula, for any separator', () => {
    const random = seededRandom('csv');
    for (let round = 0; round < 20_000; round++) {
      const name = Array.from({ length: 1 + random.below(8) }, () => random.pick(CHARACTERS)).join('');
      if (/^-?\d+$/.test(name)) continue;
      const parts = toCsv(['a', 'b'], [['x', name]]).split(/[,;|\t\r\n"]/);
      const formula = parts.find((part) => /^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]/u.test(part));
      if (formula !== undefined) throw new Error(`${JSON.stringify(name)} has ${JSON.stringify(formula)}`);
    }
  });
});
