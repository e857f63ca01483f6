/** What every store must do. A store's test file calls this with a way to open it. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DimensionName, MeasureName } from '../../../collector/catalog/measures.ts';
import type { Grain } from '../../../collector/core/calendar.ts';
import type { Batch, Entry } from '../../../collector/ledger/entry.ts';
import type { LedgerReader, LedgerWriter, Query } from '../../../collector/ledger/ledger.ts';
import { event, metric, NOON, usd } from '../../support/entries.ts';

export interface OpenLedger {
  readonly writer: LedgerWriter;
  readonly reader: LedgerReader;
  /** Closes both and opens them again on the same data. */
  reopen(options?: { timeZone?: string }): Promise<OpenLedger>;
  destroy(): Promise<void>;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export function describeLedger(store: string, openLedger: () => Promise<OpenLedger>): void {
  describe(`ledger contract: ${store}`, () => {
    let ledger: OpenLedger;
    beforeEach(async () => {
      ledger = await openLedger();
    });
    afterEach(async () => {
      const differences = ledger.reader.check();
      await ledger.destroy();
      expect(differences).toEqual([]);
    });

    const append = (...entries: Entry[]) => ledger.writer.append({ entries, receivedMs: NOON + DAY } satisfies Batch);
    const ask = (query: Partial<Query>) =>
      ledger.reader.query({ measures: ['cost'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 1000, ...query });
    const total = (name: MeasureName = 'cost') => ask({ measures: [name] }).totals[0];
    const by = (dimension: DimensionName, measure: MeasureName = 'cost') =>
      Object.fromEntries(ask({ by: [dimension], measures: [measure] }).rows.map((row) => [row.key[0], row.values[0]]));

    test('an empty ledger has no sessions, totals of zero and no age', () => {
      expect(total()).toBe(0n);
      expect(ask({}).asOfMs).toBeUndefined();
      expect(ledger.reader.session('nobody')).toBeUndefined();
      expect(ledger.reader.status()).toMatchObject({ entries: 0, sessions: 0 });
    });

    test('what is appended can be read at once, by dimension', async () => {
      const outcome = await append(event({ id: 'a', cost: '0.02' }), event({ id: 'b', cost: '0.03', team: 'data', timeMs: NOON + 1 }));
      expect(outcome).toEqual({ appended: 2, duplicates: 0, conflicts: 0, expired: 0 });
      expect(total()).toBe(usd('0.05'));
      expect(by('team')).toEqual({ platform: usd('0.02'), data: usd('0.03') });
      expect(total('requests')).toBe(2n);
      expect(ask({}).asOfMs).toBe(NOON + DAY);
    });

    test('the same entry again leaves totals unchanged and is counted', async () => {
      const entry = event({ id: 'a' });
      await append(entry, entry);
      const outcome = await append(entry);
      expect(outcome).toEqual({ appended: 0, duplicates: 1, conflicts: 0, expired: 0 });
      expect(total()).toBe(usd('0.01'));
      expect(ledger.reader.status().counters).toEqual({ appended: 1, duplicates: 2, conflicts: 0, expired: 0, late: 1 });
    });

    test.each([
      ['cost', event({ id: 'a', cost: '0.99' })],
      ['amounts', event({ id: 'a', amounts: { requests: 1, input_tokens: 99 } })],
      ['model', event({ id: 'a', model: 'claude-haiku-5-5' })],
    ])('the same identity with another %s is a conflict and never overwrites', async (_, changed) => {
      await append(event({ id: 'a' }));
      expect(await append(changed)).toEqual({ appended: 0, duplicates: 0, conflicts: 1, expired: 0 });
      expect(total()).toBe(usd('0.01'));
      expect(by('model')).toEqual({ 'claude-opus-5-5': usd('0.01') });
    });

    test('the same identity in another session is another entry', async () => {
      await append(event({ id: 'a' }), event({ id: 'a', sessionId: 'session-2' }));
      expect(total()).toBe(usd('0.02'));
    });

    test('a session costs the larger of what events and metrics say, and shows both', async () => {
      await append(event({ id: 'a', cost: '0.02' }), metric({ id: 'm', cost: '0.03', timeMs: NOON + 1000 }));
      const session = ledger.reader.session('session-1');
      expect(session?.totals).toMatchObject({ cost: usd('0.03'), cost_events: usd('0.02'), cost_metrics: usd('0.03') });
      expect(session?.models.map(({ model, totals }) => [model, totals.cost])).toEqual([['claude-opus-5-5', usd('0.03')]]);
    });

    test('models are reconciled apart: each by its own larger sum', async () => {
      await append(
        event({ id: 'a', cost: '0.05', model: 'claude-opus-5-5' }),
        metric({ id: 'm', cost: '0.04', model: 'claude-opus-5-5', timeMs: NOON + 1 }),
        metric({ id: 'n', cost: '0.01', model: 'claude-haiku-5-5', timeMs: NOON + 2 }),
      );
      expect(by('model')).toEqual({ 'claude-opus-5-5': usd('0.05'), 'claude-haiku-5-5': usd('0.01') });
    });

    test('a name that only one signal uses for a model does not count the money twice', async () => {
      const arn = 'arn:aws:bedrock:eu-west-1:1:application-inference-profile/x';
      const spelt = metric({ id: 'm', cost: '0.05', model: arn, modelRecognised: false, timeMs: NOON + 1 });
      await append(event({ id: 'a', cost: '0.05' }));
      await append(spelt);
      await append(event({ id: 'b', cost: '0.02', timeMs: NOON + 2 }));
      expect(total()).toBe(usd('0.07'));
    });

    test.each(['event', 'metric'])('a model that the %s leaves out does not count the money twice', async (nameless) => {
      const without = { model: '', modelRecognised: false };
      await append(event({ id: 'a', cost: '0.05', ...(nameless === 'event' && without) }));
      await append(metric({ id: 'm', cost: '0.05', timeMs: NOON + 1, ...(nameless === 'metric' && without) }));
      expect(total()).toBe(usd('0.05'));
    });

    test('a metric point that comes before the events of its interval books nothing twice', async () => {
      await append(metric({ id: 'm', cost: '0.03', timeMs: NOON + 60_000 }));
      await append(event({ id: 'a', cost: '0.01', timeMs: NOON + 10_000 }), event({ id: 'b', cost: '0.02', timeMs: NOON + 20_000 }));
      expect(total()).toBe(usd('0.03'));
      expect(ask({ grain: 'quarter_hour' }).rows.map((row) => row.startMs)).toEqual([NOON]);
    });

    test('cumulative points add what they grew by; a new start adds again; repeats and late ones move nothing', async () => {
      const point = (id: string, cost: string, seconds: number, startMs = NOON) =>
        metric({ id, cost, timeMs: NOON + seconds * 1000, cumulative: { series: 's', startMs } });
      await append(point('1', '0.01', 60));
      await append(point('3', '0.05', 180));
      await append(point('2', '0.02', 120), point('4', '0.05', 240), point('1', '0.01', 60));
      expect(total('cost_metrics')).toBe(usd('0.05'));
      await append(point('5', '0.04', 300, NOON + 290_000));
      expect(total('cost_metrics')).toBe(usd('0.09'));
    });

    test('a cumulative series without a start begins again when its value falls', async () => {
      const point = (id: string, cost: string, seconds: number) =>
        metric({ id, cost, timeMs: NOON + seconds * 1000, cumulative: { series: 's', startMs: 0 } });
      await append(point('1', '0.03', 60), point('2', '0.05', 120), point('3', '0.01', 180));
      expect(total()).toBe(usd('0.06'));
    });

    test('sessions count once, where they began, and dashboards not at all', async () => {
      await append(event({ id: 'b', timeMs: NOON + DAY, team: 'late' }), event({ id: 'a', timeMs: NOON, team: 'early' }));
      await append(event({ id: 'x', sessionId: 'dashboard', amounts: { session_starts: 1 }, cost: '0', dimensions: { start_type: 'agents_view' } }));
      expect(total('sessions')).toBe(1n);
      expect(Object.entries(by('team', 'sessions')).filter(([, count]) => count !== 0n)).toEqual([['early', 1n]]);
      expect(ledger.reader.session('session-1')).toMatchObject({ firstSeenMs: NOON, lastSeenMs: NOON + DAY, team: 'late' });
    });

    test('filters take any of their values, and all of several filters', async () => {
      await append(event({ id: 'a' }), event({ id: 'b', team: 'data', timeMs: NOON + 1 }), event({ id: 'c', team: '', timeMs: NOON + 2 }));
      expect(ask({ where: [{ dimension: 'team', values: ['data', ''] }] }).totals).toEqual([usd('0.02')]);
      const both: Query['where'] = [
        { dimension: 'team', values: ['data'] },
        { dimension: 'user', values: ['bob'] },
      ];
      expect(ask({ where: both }).totals).toEqual([0n]);
      expect(ask({ whereNot: [{ dimension: 'team', values: ['data', ''] }] }).totals).toEqual([usd('0.01')]);
      expect(
        ask({ by: ['team'], where: [{ dimension: 'team', values: ['data', ''] }], whereNot: [{ dimension: 'team', values: [''] }] }).rows,
      ).toMatchObject([{ key: ['data'] }]);
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
      const rows = ask({ grain, timeZone }).rows.toSorted((a, b) => Number(a.startMs) - Number(b.startMs));
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
    ])('a stretch from hour %d to hour %d is the sum of its quarters of an hour', async (from, to) => {
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
      const span = { fromMs: firstMs + from * HOUR, toMs: firstMs + to * HOUR };
      for (const by of [[], ['team'], ['team', 'user']] satisfies DimensionName[][]) {
        for (const half of [{}, { fromMs: undefined }, { toMs: undefined }]) {
          const query = Object.fromEntries(Object.entries({ ...span, by, ...half }).filter(([, value]) => value !== undefined));
          const quarters = Map.groupBy(ask({ ...query, grain: 'quarter_hour' }).rows, (row) => row.key.join());
          const summed = [...quarters].map(([key, rows]) => [key, rows.reduce((sum, row) => sum + (row.values[0] ?? 0n), 0n)]);
          const whole = ask(query).rows.map((row) => [row.key.join(), row.values[0]]);
          expect(whole.sort()).toEqual(summed.sort());
        }
      }
    });

    test('from is inclusive and to exclusive', async () => {
      await append(event({ id: 'a', timeMs: NOON - 1 }), event({ id: 'b', timeMs: NOON }), event({ id: 'c', timeMs: NOON + HOUR }));
      expect(ask({ fromMs: NOON, toMs: NOON + HOUR }).totals).toEqual([usd('0.01')]);
    });

    test('one month by person, workspace and model has each combination once', async () => {
      await append(event({ id: 'a' }), event({ id: 'b', timeMs: NOON + DAY }), event({ id: 'c', model: 'claude-haiku-5-5', timeMs: NOON + 2 * DAY }));
      await append(event({ id: 'd', timeMs: NOON - 30 * DAY }));
      const month = { fromMs: Date.parse('2026-11-01T00:00:00Z'), toMs: Date.parse('2026-12-01T00:00:00Z') };
      const { rows } = ask({ by: ['organisation', 'team', 'user', 'workspace', 'model'], ...month });
      const shown = rows.map(({ key, values }) => [key.join('/'), values[0]]).sort();
      expect(shown).toEqual([
        ['/platform/alice@example.com//claude-haiku-5-5', usd('0.01')],
        ['/platform/alice@example.com//claude-opus-5-5', usd('0.02')],
      ]);
    });

    test('more rows than allowed is an error that names the limit', async () => {
      await append(...['a', 'b', 'c'].map((team, index) => event({ id: team, team, timeMs: NOON + index })));
      expect(() => ask({ by: ['team'], rowsMax: 2 })).toThrow('The query has more than 2 rows (limits.query_rows).');
    });

    test('everything is there after opening again, and goes on being recognised', async () => {
      await append(event({ id: 'a' }), metric({ id: 'm', cost: '0.04', timeMs: NOON + 1 }));
      ledger = await ledger.reopen();
      expect((await append(event({ id: 'a' }))).duplicates).toBe(1);
      await append(event({ id: 'b', cost: '0.02', timeMs: NOON + 2 }));
      expect(total()).toBe(usd('0.04'));
      expect(total('cost_events')).toBe(usd('0.03'));
    });

    test('another time zone cuts the days anew', async () => {
      await append(event({ id: 'a', timeMs: Date.parse('2026-11-20T23:30:00Z') }));
      ledger = await ledger.reopen({ timeZone: 'Europe/Berlin' });
      const rows = ask({ by: ['team'], grain: 'day', timeZone: 'Europe/Berlin' }).rows;
      expect(rows.map((row) => new Date(row.startMs ?? 0).toISOString())).toEqual(['2026-11-20T23:00:00.000Z']);
      ledger = await ledger.reopen();
    });

    test('pruned sessions keep their totals, and their late entries are refused and counted', async () => {
      await append(event({ id: 'a' }), event({ id: 'b', sessionId: 'session-2', timeMs: NOON + DAY }));
      expect(await ledger.writer.prune(NOON + HOUR)).toBe(1);
      expect(total()).toBe(usd('0.02'));
      expect(await append(event({ id: 'a' }))).toEqual({ appended: 0, duplicates: 0, conflicts: 0, expired: 1 });
      expect(ledger.reader.session('session-1')?.totals.cost).toBe(usd('0.01'));
      expect(ledger.reader.status().entries).toBe(1);
    });

    test('sums beyond 64 bits are exact', async () => {
      const big = (index: number) => event({ id: '', cost: '900000', team: `t${index}`, sessionId: `session-${index}`, timeMs: NOON + index });
      await append(...Array.from({ length: 30 }, (_, index) => big(index)));
      expect(total()).toBe(usd('27000000'));
      expect(ask({ grain: 'day', by: ['model'] }).rows[0]?.values).toEqual([usd('27000000')]);
    });

    test('an export that no sum can hold is refused alone, and nothing of it stays', async () => {
      const good = append(event({ id: 'good', sessionId: 'session-2' }));
      const huge = Array.from({ length: 12 }, (_, index) => event({ id: String(index), cost: '1000000', timeMs: NOON + index }));
      await expect(append(...huge)).rejects.toMatchObject({ code: 'invalid' });
      expect((await good).appended).toBe(1);
      expect(total()).toBe(usd('0.01'));
      expect(ledger.reader.session('session-1')).toBeUndefined();
    });

    test('appends that run side by side are all counted once', async () => {
      const batches = Array.from({ length: 200 }, (_, index) => append(event({ id: String(index % 100), timeMs: NOON + (index % 100) })));
      const outcomes = await Promise.all(batches);
      expect(outcomes.reduce((sum, outcome) => sum + outcome.appended, 0)).toBe(100);
      expect(total()).toBe(usd('1.00'));
    });
  });
}
