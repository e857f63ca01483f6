/** Questions of the guard under way: a bound for all, and half of it for one address. */
import { expect, test } from '@jest/globals';
import { Crowd } from '../../../collector/api/front/crowd.ts';
import { ReadLimitError } from '../../../collector/api/front/read-limit.ts';

const entersAs =
  (crowd: Crowd) =>
  (address: string): string => {
    try {
      crowd.enter(address);
      return 'in';
    } catch (error) {
      return error instanceof ReadLimitError ? error.limit : String(error);
    }
  };

test('lets one address take half of the places, and all together the rest', () => {
  const enter = entersAs(new Crowd(6));
  expect(['a', 'a', 'a', 'a', 'b', 'b', 'c', 'c'].map(enter)).toEqual([
    ...['in', 'in', 'in', 'limits.queries_waiting'],
    ...['in', 'in', 'in', 'limits.queries_waiting'],
  ]);
});

test('gives a place to the next one when it is free', () => {
  const crowd = new Crowd(2);
  const leave = crowd.enter('a');
  expect(entersAs(crowd)('a')).toBe('limits.queries_waiting');
  leave();
  expect(entersAs(crowd)('a')).toBe('in');
});
