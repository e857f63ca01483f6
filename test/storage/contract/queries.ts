/** Sums of measures: by which dimensions, over which time, cut where, narrowed to what. */
import { describe, expect, test } from '@jest/globals';
import type { DimensionName } from '../../../collector/catalog/measures.ts';
import type { Grain } from '../../../collector/core/calendar.ts';
import type { Query } from '../../../collector/ledger/ledger.ts';
import { event, NOON, usd } from '../../support/entries.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function describeQueries(open: OpenStore): void {
  describe('queries', () => {
    const ledger = useLedger(open);
    const { append, ask, by } = ledger;

    test('filters take any of their values, and all of several filters', async () => {
      await append(event({ id: 'a' }), event({ id: 'b', team: 'data', timeMs: NOON + 1 }), event({ id: 'c', team: '', timeMs: NOON + 2 }));
      expect((await ask({ where: [{ dimension: 'team', values: ['data', ''] }] })).totals).toEqual([usd('0.02')]);
      const both: Query['where'] = [
        { dimension: 'team', values: ['data'] },
        { dimension: 'user', values: ['bob'] },
      ];
      expect((await ask({ where: both })).totals).toEqual([0n]);
      expect((await ask({ whereNot: [{ dimension: 'team', values: ['data', ''] }] })).totals).toEqual([usd('0.01')]);
      expect(
        (await ask({ by: ['team'], where: [{ dimension: 'team', values: ['data', ''] }], whereNot: [{ dimension: 'team', values: [''] }] })).rows,
      ).toMatchObject([{ key: ['data'] }]);
    });

    test.each(['/', '\u001f', '\0', ' ', '","'])('names that hold %j stay apart, in answers and where the ledger is checked', async (between) => {
      await append(
        event({ id: 'a', team: `a${between}b`, user: 'c', timeMs: NOON }),
        event({ id: 'b', team: 'a', user: `b${between}c`, timeMs: NOON, cost: '0.02', sessionId: 'session-2' }),
      );
      const { rows } = await ask({ by: ['team', 'user'] });
      expect(rows.map(({ key, values }) => [...key, values[0]]).sort()).toEqual(
        [
          ['a', ledger.kept(`b${between}c`), usd('0.02')],
          [ledger.kept(`a${between}b`), 'c', usd('0.01')],
        ].sort(),
      );
    });

    test.each<[Grain, string, string[]]>([
      ['hour', 'UTC', ['2026-11-20T12:00:00.000Z', '2026-11-20T18:00:00.000Z', '2026-11-22T12:00:00.000Z']],
      ['hour', 'Asia/Kolkata', ['2026-11-20T11:30:00.000Z', '2026-11-20T17:30:00.000Z', '2026-11-20T18:30:00.000Z', '2026-11-22T11:30:00.000Z']],
      ['day', 'Asia/Kolkata', ['2026-11-19T18:30:00.000Z', '2026-11-20T18:30:00.000Z', '2026-11-21T18:30:00.000Z']],
      ['week', 'UTC', ['2026-11-16T00:00:00.000Z']],
      ['month', 'America/New_York', ['2026-11-01T04:00:00.000Z']],
    ])('grain %s in %s cuts where that zone does', async (grain, timeZone, starts) => {
      const at = ['2026-11-20T12:00:00Z', '2026-11-20T18:15:00Z', '2026-11-20T18:45:00Z', '2026-11-22T12:00:00Z'].map(Date.parse);
      await append(...at.map((timeMs, index) => event({ id: String(index), timeMs })));
      const rows = (await ask({ grain, timeZone })).rows.toSorted((a, b) => Number(a.startMs) - Number(b.startMs));
      expect(rows.map((row) => new Date(row.startMs ?? 0).toISOString())).toEqual(starts);
      expect(rows.reduce((sum, row) => sum + (row.values[0] ?? 0n), 0n)).toBe(usd('0.04'));
    });

    test.each([
      [6, 66],
      [6, 48],
      [24, 66],
      [30, 42],
      [6.25, 47.75],
      [0, 72],
    ])('a time range from hour %d to hour %d is the sum of its quarters of an hour', async (from, to) => {
      const teams = ['platform', 'data', ''];
      const entries = Array.from({ length: 72 * 2 }, (_, half) =>
        event({
          id: String(half),
          team: teams[half % 3] ?? '',
          user: `user-${half % 5}`,
          timeMs: NOON + (half - 72) * (HOUR / 2),
          cost: `0.0${(half % 9) + 1}`,
        }),
      );
      await append(...entries);
      const firstMs = Math.floor(NOON / DAY) * DAY - DAY;
      const timeRange = { fromMs: firstMs + from * HOUR, toMs: firstMs + to * HOUR };
      for (const by of [[], ['team'], ['team', 'user']] satisfies DimensionName[][]) {
        for (const half of [{}, { fromMs: undefined }, { toMs: undefined }]) {
          const query = Object.fromEntries(Object.entries({ ...timeRange, by, ...half }).filter(([, value]) => value !== undefined));
          const quarters = Map.groupBy((await ask({ ...query, grain: 'quarter_hour' })).rows, (row) => row.key.join());
          const summed = [...quarters].map(([key, rows]) => [key, rows.reduce((sum, row) => sum + (row.values[0] ?? 0n), 0n)]);
          const whole = (await ask(query)).rows.map((row) => [row.key.join(), row.values[0]]);
          expect(whole.sort()).toEqual(summed.sort());
          // Whichever zone its edges were said in.
          const elsewhere = (await ask({ ...query, timeZone: 'Asia/Kolkata' })).rows.map((row) => [row.key.join(), row.values[0]]);
          expect(elsewhere.sort()).toEqual(whole);
        }
      }
    });

    test('from is inclusive and to exclusive', async () => {
      await append(event({ id: 'a', timeMs: NOON - 1 }), event({ id: 'b', timeMs: NOON }), event({ id: 'c', timeMs: NOON + HOUR }));
      expect((await ask({ fromMs: NOON, toMs: NOON + HOUR })).totals).toEqual([usd('0.01')]);
    });

    test('one month by person, workspace and model has each combination once', async () => {
      await append(event({ id: 'a' }), event({ id: 'b', timeMs: NOON + DAY }), event({ id: 'c', model: 'claude-haiku-5-5', timeMs: NOON + 2 * DAY }));
      await append(event({ id: 'd', timeMs: NOON - 30 * DAY }));
      const month = { fromMs: Date.parse('2026-11-01T00:00:00Z'), toMs: Date.parse('2026-12-01T00:00:00Z') };
      const { rows } = await ask({ by: ['organization', 'team', 'user', 'workspace', 'model'], ...month });
      const shown = rows.map(({ key, values }) => [key.join('/'), values[0]]).sort();
      expect(shown).toEqual([
        ['/platform/alice@example.com//claude-haiku-5-5', usd('0.01')],
        ['/platform/alice@example.com//claude-opus-5-5', usd('0.02')],
      ]);
    });

    test('more rows than allowed is an error that names the limit', async () => {
      await append(...['a', 'b', 'c'].map((team, index) => event({ id: team, team, timeMs: NOON + index })));
      await expect(ask({ by: ['team'], rowsMax: 2 })).rejects.toThrow('The query has more than 2 rows (limits.query_rows).');
    });

    test('what comes to nothing is no row, and counts for no limit', async () => {
      const costs = ['1', '2', '0', '0'].map((cost, index) => event({ id: `${index}`, team: `t${index}`, cost, timeMs: NOON + index }));
      await append(...costs);
      for (const grain of ['total', 'day', 'quarter_hour'] as const) {
        const { rows } = await ask({ by: ['team'], grain, rowsMax: 2 });
        expect(rows.map(({ key }) => key[0]).sort()).toEqual(['t0', 't1']);
      }
      const { rows } = await ask({ by: ['team'], rowsMax: 1, beyond: 'other' });
      expect(rows.map(({ key, groups }) => [key[0], groups])).toEqual(expect.arrayContaining([['(other)', 1]]));
    });

    test('asked for it, the largest rows are kept and the others are one', async () => {
      const teams = Array.from({ length: 25 }, (_, index) =>
        event({ id: `${index}`, team: `t${index}`, cost: `0.${10 + index}`, timeMs: NOON + index }),
      );
      await append(...teams);
      const { rows, totals } = await ask({ by: ['team', 'model'], rowsMax: 3, beyond: 'other' });
      expect(rows.map(({ key, values, groups }) => [key[0], values[0], groups]).sort()).toEqual([
        ['(other)', usd('4.51'), 22],
        ...[22, 23, 24].map((index) => [`t${index}`, usd(`0.${10 + index}`), undefined]),
      ]);
      expect(totals).toEqual([usd('5.5')]);
      const byDay = await ask({ by: ['team'], rowsMax: 3, beyond: 'other', grain: 'day' });
      expect(byDay.rows.map(({ startMs, key }) => [startMs, key[0]])).toContainEqual([Math.floor(NOON / DAY) * DAY, '(other)']);
    });

    test('who spends little on the first day and much on the next is among the largest', async () => {
      const users = Array.from({ length: 30 }, (_, index) => `u${index}`);
      await append(
        ...users.map((user, index) => event({ id: user, sessionId: user, user, cost: `0.${10 + index}`, timeMs: NOON })),
        event({ id: 'today', sessionId: 'today', user: 'u0', cost: '500', timeMs: NOON + 13 * HOUR }),
      );
      const { rows } = await ask({ by: ['user'], fromMs: NOON, rowsMax: 3, beyond: 'other' });
      expect(rows.map(({ key, values, groups }) => [key[0], values[0], groups])).toEqual(
        expect.arrayContaining([
          ['u0', usd('500.1'), undefined],
          ['u29', usd('0.39'), undefined],
          ['u28', usd('0.38'), undefined],
          ['(other)', expect.anything(), 27],
        ]),
      );
    });

    test('spend is narrowed to a repository as to a workspace', async () => {
      const at = (id: string, workspace: string, repository: string, timeMs: number) => event({ id, dimensions: { workspace, repository }, timeMs });
      await append(at('a', 'shop', 'acme/shop', NOON), at('b', 'shop', 'acme/api', NOON + 1), at('c', 'lab', 'acme/api', NOON + 2));
      const narrowed = { where: [{ dimension: 'repository', values: ['acme/api'] }] } as const;
      expect(await by('workspace', 'requests', narrowed)).toEqual({ shop: 1n, lab: 1n });
      expect(await by('workspace', 'requests', { ...narrowed, grain: 'month' })).toEqual({ shop: 1n, lab: 1n });
      expect(await by('user', 'cost', narrowed)).toEqual({ 'alice@example.com': usd('0.02') });
    });
  });
}
