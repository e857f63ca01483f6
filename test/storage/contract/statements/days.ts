import { describe, expect, test } from '@jest/globals';
import { LINE_USD_MAX, type StatementLine } from '../../../../collector/imports/statement-line.ts';
import { usd } from '../../../support/entries.ts';
import { billedIn, OCTOBER, putInto, type StatementSuite } from './suite.ts';

export function describeDays({ store }: StatementSuite): void {
  const put = putInto(store);
  const billed = billedIn(store);
  describe('a day', () => {
    test('is there once, however often it is brought', async () => {
      const lines = [{ model: 'claude-opus-5-5', billed: usd('1.50'), tokens: 7 }, { billed: usd('0.25') }];
      expect(await put(lines)).toMatchObject({ what: 'new', lines: 2, after: { billed: usd('1.75'), list: undefined, tokens: 7n } });
      expect(await put(lines.toReversed(), { atMs: 5 })).toMatchObject({ what: 'same', lines: 2 });
      expect(await billed()).toEqual([[usd('1.75')]]);
      expect(await store().versions(OCTOBER)).toMatchObject([{ sinceMs: 1, untilMs: undefined, checkedMs: 5, lines: 2, isComplete: true }]);
    });

    test('is replaced as a whole, and what it replaced stays with from when to when', async () => {
      await put([
        { workspace: 'a', billed: usd('1') },
        { workspace: 'b', billed: usd('2') },
      ]);
      await put([{ workspace: 'a', billed: usd('9') }], { day: '2026-10-04' });
      const outcome = await put([{ workspace: 'b', billed: usd('3') }], { atMs: 5 });
      expect(outcome).toMatchObject({ what: 'revised', lines: 1, before: { billed: usd('3') }, after: { billed: usd('3') } });
      expect(await billed(['day', 'workspace'])).toEqual([
        ['2026-10-03', 'b', usd('3')],
        ['2026-10-04', 'a', usd('9')],
      ]);
      expect(await Promise.all([0, 1, 4, 5].map((ms) => billed(['workspace'], ms)))).toEqual([
        [],
        [
          ['a', usd('10')],
          ['b', usd('2')],
        ],
        [
          ['a', usd('10')],
          ['b', usd('2')],
        ],
        [
          ['a', usd('9')],
          ['b', usd('3')],
        ],
      ]);
      expect((await store().versions(OCTOBER)).map(({ day, sinceMs, untilMs }) => [day, sinceMs, untilMs])).toEqual([
        ['2026-10-03', 1, 5],
        ['2026-10-04', 1, undefined],
        ['2026-10-03', 5, undefined],
      ]);
    });

    test('without lines is there, too, and says so', async () => {
      await put([]);
      expect(await store().days(OCTOBER)).toMatchObject([{ source: 'anthropic-cost', day: '2026-10-03', lines: 0, totals: { billed: undefined } }]);
      expect((await put([{ billed: 1n }], { atMs: 2 })).what).toBe('revised');
      expect(await put([], { atMs: 3 })).toMatchObject({ what: 'revised', before: { billed: 1n }, after: { billed: undefined } });
    });

    test('that another run asked for later is not replaced by what was asked for before', async () => {
      await put([{ billed: usd('2') }], { atMs: 10 });
      expect(await put([{ billed: usd('1') }], { askedMs: 9, nowMs: 11 })).toMatchObject({ what: 'outdated', after: { billed: usd('2') } });
      expect(await billed()).toEqual([[usd('2')]]);
    });

    test('has one version at each instant, whatever the clock does', async () => {
      await put([{ billed: 1n }], { atMs: 10 });
      await put([{ billed: 2n }], { askedMs: 10, nowMs: 3 });
      expect(await Promise.all([9, 10, 11].map((ms) => billed([], ms)))).toEqual([[], [[1n]], [[2n]]]);
    });

    test('that was not complete becomes it, though its lines stay the same', async () => {
      await put([{ billed: 1n }], { isComplete: false });
      expect((await put([{ billed: 1n }], { atMs: 2 })).what).toBe('same');
      expect(await store().days(OCTOBER)).toMatchObject([{ isComplete: true }]);
      await put([{ billed: 1n }], { atMs: 3, isComplete: false });
      expect(await store().days(OCTOBER)).toMatchObject([{ isComplete: true }]);
    });

    test('of one account leaves that of another alone', async () => {
      await put([{ billed: 1n }]);
      await put([{ billed: 2n }], { account: 'lab', atMs: 2 });
      expect(await billed(['account'])).toEqual([
        ['', 1n],
        ['lab', 2n],
      ]);
      expect(await store().origins()).toEqual([
        { source: 'anthropic-cost', account: '' },
        { source: 'anthropic-cost', account: 'lab' },
      ]);
    });

    test('that breaks off while it is read is not there at all', async () => {
      await put([{ billed: 1n }]);
      function* broken(): Iterable<StatementLine> {
        yield { billed: 5n };
        throw new Error('broken off');
      }
      await expect(put([], { lines: broken(), atMs: 2 })).rejects.toThrow('broken off');
      expect([await billed(), (await store().versions(OCTOBER)).length]).toEqual([[[1n]], 1]);
    });

    test('with an impossible amount is refused as a whole', async () => {
      const huge = 9_300_000n * 10n ** 12n;
      await expect(put([{ billed: 1n }, { billed: huge }])).rejects.toThrow(/amount beyond 9000000 USD/);
      await expect(put([{ billed: LINE_USD_MAX * 10n ** 12n }, { billed: LINE_USD_MAX * 10n ** 12n }])).rejects.toThrow(/beyond 9000000 USD/);
      expect(await store().days(OCTOBER)).toEqual([]);
    });
  });
}
