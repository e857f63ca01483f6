import { describe, expect, test } from '@jest/globals';
import type { Evidence, LearntModel, LearntModels, LearntRow } from '../../../collector/pricing/learn/learnt-file.ts';
import { mergedLearnt } from '../../../collector/pricing/learn/merge-learnt.ts';

const CHEAP = { input: '1', output: '5', cache_write_5m: '1.25', cache_write_1h: '2', cache_read: '0.10' };
const COSTLY = { ...CHEAP, input: '2' };
const evidence = (requests: number, version = '2.1.340', first = '2026-11-20', last = first): Evidence => ({
  ...{ requests, client_versions: [version], first, last },
});
const row = (from: string, requests: number, rates = CHEAP, others = 0): LearntRow => ({ from, rates, assumed: [], ...evidence(requests), others });
const model = (...normal: LearntRow[]): LearntModel => ({ normal, fast: [] });

describe('what several collectors learnt', () => {
  test('is the models of all of them', () => {
    const mine = { m: model(row('2026-11-20', 8)) };
    const theirs = { n: model(row('2026-11-21', 9)) };
    expect(mergedLearnt({}, mine, theirs)).toEqual({ ...theirs, ...mine });
    expect([mergedLearnt({}, mine, {}), mergedLearnt({}, {}, theirs)]).toEqual([mine, theirs]);
  });

  test('counts every request once, however often it is put together', () => {
    const base = { m: model(row('2026-11-20', 8)) };
    const one = { m: model(row('2026-11-20', 11, CHEAP, 1)) };
    const other = { m: model(row('2026-11-20', 10, CHEAP, 2)) };
    const both = mergedLearnt(base, one, other);
    expect(both.m?.normal[0]).toMatchObject({ requests: 13, others: 3 });
    expect(mergedLearnt(both, both, both)).toEqual(both);
  });

  test('has one price a day: the one that was kept first', () => {
    const mine = { m: model(row('2026-11-20', 8, COSTLY)) };
    const theirs = { m: model(row('2026-11-20', 9, CHEAP)) };
    expect(mergedLearnt({}, mine, theirs)).toEqual(theirs);
    const later = { m: model(row('2026-11-22', 8, COSTLY)) };
    expect(mergedLearnt({}, later, theirs).m?.normal.map(({ from }) => from)).toEqual(['2026-11-20', '2026-11-22']);
    expect(mergedLearnt({}, { m: model(row('2026-11-19', 8, COSTLY)) }, theirs)).toEqual(theirs);
  });

  test('has a price that both found at once as one', () => {
    const mine = { m: model(row('2026-11-21', 8)) };
    const theirs = { m: model(row('2026-11-20', 9)) };
    expect(mergedLearnt({}, mine, theirs).m?.normal).toEqual([row('2026-11-20', 17)]);
  });

  test('adds up requests at the price of nothing, with versions and times of all', () => {
    const fallback = (own: Evidence): LearntModels => ({ m: { ...model(), fallback: own } });
    const mine = fallback(evidence(3, '2.1.341', '2026-11-18', '2026-11-19'));
    const theirs = fallback(evidence(4, '2.1.340', '2026-11-20', '2026-11-23'));
    expect(mergedLearnt({}, mine, theirs).m?.fallback).toEqual({
      ...{ requests: 7, client_versions: ['2.1.340', '2.1.341'], first: '2026-11-18', last: '2026-11-23' },
    });
  });

  test('is gone where one of them forgot it', () => {
    const base = { m: model(row('2026-11-20', 8)), n: model(row('2026-11-20', 8)) };
    const { m, n } = base;
    expect(mergedLearnt(base, { n }, base)).toEqual({ n });
    expect(mergedLearnt(base, { m: model(row('2026-11-20', 12)), n }, { n })).toEqual({ n });
    expect(m).toBeDefined();
  });

  test('is bounded, whatever senders name', () => {
    const many = (prefix: string): LearntModels => Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`${prefix}${index}`, model()]));
    expect(Object.keys(mergedLearnt({}, many('a'), many('b')))).toEqual(Object.keys(many('b')));
    const priced = { m: model(row('2026-11-20', 8)) };
    const together = mergedLearnt({}, priced, many('b'));
    expect([Object.keys(together).length, together.m]).toEqual([50, priced.m]);
  });
});
