/** Imports that are run again, broken off, revised, doubled, and answered badly: the lines end as the provider has them, day by day. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeError } from '../../collector/core/error.ts';
import { PICO_PER_USD } from '../../collector/core/money.ts';
import { daysOf } from '../../collector/imports/days.ts';
import { importStates } from '../../collector/imports/findings.ts';
import { openStatementStore } from '../../collector/storage/sqlite/statement-store.ts';
import { failure } from '../support/imports/anthropic.ts';
import { type Fact, factsOf, sum } from '../support/imports/facts.ts';
import { seededRandom } from '../support/random.ts';
import { ALL, type Importing, importing, NOW } from './importing.ts';

const DAYS = daysOf({ from: '2026-10-29', to: '2026-11-28' });
const DAY = 24 * 3_600 * 1_000;
const random = seededRandom('runs of imports');
let at: Importing;
let facts: readonly Fact[];
beforeEach(async () => {
  at = await importing();
  facts = factsOf(random, DAYS, 12);
  at.api.facts = facts;
});
afterEach(() => at.stop());

const billed = async (): Promise<bigint | undefined> => (await at.store.sums({ ...ALL, by: [] }))[0]?.totals.billed;
const all = (): bigint => sum(at.api.facts, (fact) => fact.billed);
const askedDays = (): (string | undefined)[] => at.api.received.map((url) => url.searchParams.get('starting_at')?.slice(0, 10));

describe('run again', () => {
  test('it changes nothing, and says so', async () => {
    await at.run('anthropic-cost');
    expect(await at.run('anthropic-cost', { nowMs: NOW + 5 })).toMatchObject({ days: { new: 0, same: 30, revised: 0 }, revised: [] });
    expect([await billed(), (await at.store.versions(ALL)).length]).toEqual([all(), 30]);
  });

  test('a revised day replaces the day, is reported with its amounts, and what was known before can still be read', async () => {
    await at.run('anthropic-cost');
    const before = all();
    const dollar = { ...facts[0], day: '2026-11-20', billed: PICO_PER_USD, list: 1n } as Fact; // a fact of another day
    at.api.facts = [...facts, dollar];
    const summary = await at.run('anthropic-cost', { nowMs: NOW + 5 });
    const own = sum(
      facts.filter(({ day }) => day === '2026-11-20'),
      (fact) => fact.billed,
    );
    expect(summary).toMatchObject({ days: { same: 29, revised: 1 } });
    expect(summary.revised).toMatchObject([{ day: '2026-11-20', before: { billed: own }, after: { billed: own + PICO_PER_USD } }]);
    expect(await billed()).toBe(before + PICO_PER_USD);
    expect((await at.store.sums({ ...ALL, by: [], asOfMs: NOW }))[0]?.totals.billed).toBe(before);
    at.api.facts = facts;
    await at.run('anthropic-cost', { nowMs: NOW + 9 });
    expect((await at.store.versions(ALL)).filter(({ day }) => day === '2026-11-20').map(({ sinceMs, untilMs }) => [sinceMs, untilMs])).toEqual([
      [NOW, NOW + 5],
      [NOW + 5, NOW + 9],
      [NOW + 9, undefined],
    ]);
  });

  test('it begins with the first day that is missing or was not complete, and reads the days that may be revised', async () => {
    await at.run('anthropic-cost', { wanted: { from: '2026-11-01', to: '2026-11-10' } });
    at.api.received.length = 0;
    await at.run('anthropic-cost', { config: { revised_days: 3 } });
    expect(askedDays()).toEqual(daysOf({ from: '2026-11-11', to: '2026-11-28' }));
    at.api.received.length = 0;
    await at.run('anthropic-cost', { config: { revised_days: 3 } });
    expect(askedDays()).toEqual(['2026-11-25', '2026-11-26', '2026-11-27']);
    at.api.received.length = 0;
    await at.run('anthropic-cost', { config: { revised_days: 0 }, nowMs: NOW + 2 * DAY });
    expect(askedDays()).toEqual(['2026-11-28', '2026-11-29']);
  });

  test('with no day that may be revised, yesterday is read: at first, and where nothing is missing', async () => {
    const config = { revised_days: 0 };
    expect(await at.run('anthropic-cost', { config })).toMatchObject({ outcome: 'done', days: { new: 1 } });
    expect(await at.run('anthropic-cost', { config })).toMatchObject({ outcome: 'done', days: { same: 1 } });
    expect(askedDays()).toEqual(['2026-11-27', '2026-11-27']);
  });

  test('today is read when it is asked for, is not complete, and is read again', async () => {
    const today = { from: '2026-11-28', to: '2026-11-28' };
    await at.run('anthropic-cost', { wanted: today });
    expect(await at.store.days(ALL)).toMatchObject([{ day: '2026-11-28', isComplete: false, lines: 0 }]);
    at.api.received.length = 0;
    await at.run('anthropic-cost', { config: { revised_days: 0 }, nowMs: NOW + DAY });
    expect(askedDays()).toEqual(['2026-11-28']);
    expect(await at.store.days(ALL)).toMatchObject([{ isComplete: true }]);
  });

  test.each([
    [{ from: '2026-11-10', to: '2026-11-09' }, /There are no days from 2026-11-10 to 2026-11-09/],
    [{ from: '2026-11-28' }, /There are no days/],
    [{ from: '2025-12-31' }, /has nothing before 2026-01-01/],
  ])('a range that there is not is refused: %j', async (wanted, sentence) => {
    await expect(at.run('anthropic-analytics', { wanted })).rejects.toThrow(sentence);
    expect([at.api.received, await at.store.runs({ source: 'anthropic-analytics', account: '' }, 9)]).toEqual([[], []]);
  });

  test('as far back as the provider goes', async () => {
    const first = await at.run('anthropic-analytics', { wanted: { from: '2026-01-01', to: '2026-01-02' } });
    expect(first).toMatchObject({ outcome: 'done', days: { new: 2 } });
    at.api.nowMs = NOW + 400 * DAY;
    const later = { nowMs: NOW + 400 * DAY };
    await expect(at.run('anthropic-analytics', { ...later, wanted: { from: '2027-01-01', to: '2027-01-02' } })).rejects.toThrow(
      /has nothing before 2027-01-03/,
    );
    expect(await at.run('anthropic-analytics', { ...later, wanted: { from: '2027-01-03', to: '2027-01-03' } })).toMatchObject({ outcome: 'done' });
  });

  test('a day that had lines does not become empty by itself: the key may be of another organization', async () => {
    await at.run('anthropic-cost');
    at.api.facts = facts.filter(({ day }) => day !== '2026-11-20');
    const summary = await at.run('anthropic-cost', { nowMs: NOW + 5 });
    expect(summary).toMatchObject({ outcome: 'failed', days: { same: 29 }, failed: [{ day: '2026-11-20' }], error: undefined });
    expect(summary.failed[0]?.error.message).toMatch(/has nothing about it any more, and had \d+ lines/);
    expect(await billed()).toBe(sum(facts, (fact) => fact.billed));
    expect(await at.run('anthropic-cost', { nowMs: NOW + 9, acceptsEmpty: true })).toMatchObject({ outcome: 'done', days: { revised: 1 } });
    expect(await billed()).toBe(all());
  });

  test('as a dry run it says what would change, and changes nothing', async () => {
    expect(await at.run('anthropic-cost', { isTrial: true })).toMatchObject({ isTrial: true, days: { new: 30 }, totals: { billed: all() } });
    expect([await at.store.days(ALL), await at.store.origins()]).toEqual([[], []]);
    await at.run('anthropic-cost');
    at.api.facts = facts.slice(1);
    expect(await at.run('anthropic-cost', { isTrial: true, nowMs: NOW + 5 })).toMatchObject({ days: { same: 29, revised: 1 } });
    expect(await billed()).toBe(sum(facts, (fact) => fact.billed));
  });
});

describe('broken off', () => {
  test('by Ctrl+C, it leaves whole days, and goes on from there', async () => {
    const stop = new AbortController();
    const summary = await at.run('anthropic-cost', { signal: stop.signal, onDay: ({ done }) => done === 7 && stop.abort() });
    expect(summary).toMatchObject({ outcome: 'stopped', days: { new: 7 }, failed: [], error: undefined });
    expect((await at.store.days(ALL)).map(({ day }) => day)).toEqual(DAYS.slice(0, 7));
    at.api.received.length = 0;
    expect(await at.run('anthropic-cost', { config: { revised_days: 0 } })).toMatchObject({ outcome: 'done', days: { new: 23 } });
    expect([askedDays(), await billed()]).toEqual([DAYS.slice(7), all()]);
  });

  test('while an answer is awaited, too', async () => {
    const stop = new AbortController();
    at.api.interfere = (_, count) => (count === 4 ? 'silent' : undefined);
    at.api.onRequest = () => (at.api.received.length === 4 ? stop.abort() : undefined);
    expect(await at.run('anthropic-cost', { signal: stop.signal })).toMatchObject({ outcome: 'stopped', days: { new: 3 } });
  });

  test('by an error, it keeps what was read and says why it ended', async () => {
    at.api.interfere = (_, count) => (count > 5 ? failure(403, 'permission_error', 'no \u001b[31m') : undefined);
    const summary = await at.run('anthropic-cost');
    expect(summary).toMatchObject({ outcome: 'failed', days: { new: 5 } });
    expect(summary.error && describeError(summary.error)).toMatch(/responded with 403: no \\u001b\[31m\n.*Admin key/);
    const origin = { source: 'anthropic-cost', account: '' };
    expect(await at.store.runs(origin, 9)).toMatchObject([{ outcome: 'failed', days: 5, remarks: [expect.stringContaining('403')] }]);
    const [state] = await importStates(at.store, [origin], NOW);
    expect(state?.findings.map(({ code }) => code)).toEqual(['import_failed', 'import_behind']);
    at.api.interfere = () => undefined;
    await at.run('anthropic-cost');
    expect([(await importStates(at.store, [origin], NOW))[0]?.findings, await billed()]).toEqual([[], all()]);
  });

  test('three days in a row that are not understood are enough', async () => {
    at.api.interfere = () => ({ status: 200, body: '<html>' });
    const summary = await at.run('anthropic-cost');
    expect([summary.outcome, summary.failed.length, at.api.received.length]).toEqual(['failed', 3, 4]);
  });
});

describe('at once', () => {
  test('two imports end with the same lines as one', async () => {
    const other = openStatementStore(at.file);
    const both = await Promise.all([at.run('anthropic-cost'), at.run('anthropic-cost', { store: other })]);
    await other.close();
    expect(both.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
    expect(both.map(({ days }) => days.new).reduce((one, two) => one + two)).toBe(30);
    expect([await billed(), (await at.store.versions(ALL)).length]).toEqual([all(), 30]);
  });

  test('what was asked for earlier does not replace what was asked for later', async () => {
    const day = { from: '2026-11-20', to: '2026-11-20' };
    const other = openStatementStore(at.file);
    at.api.onRequest = async () => {
      at.api.onRequest = () => undefined;
      at.api.facts = facts.slice(5);
      await at.run('anthropic-cost', { wanted: day, store: other, nowMs: NOW + 1 });
      at.api.facts = facts;
    };
    expect(await at.run('anthropic-cost', { wanted: day })).toMatchObject({ days: { outdated: 1 } });
    await other.close();
    expect(await billed()).toBe(
      sum(
        facts.slice(5).filter((fact) => fact.day === '2026-11-20'),
        (fact) => fact.billed,
      ),
    );
  });

  test('two accounts of one source keep apart', async () => {
    await at.run('anthropic-cost');
    at.api.facts = facts.slice(3);
    await at.run('anthropic-cost', { account: 'lab' });
    expect((await at.store.sums({ ...ALL, by: ['account'] })).map(({ key, totals }) => [...key, totals.billed])).toEqual([
      ['', sum(facts, (fact) => fact.billed)],
      ['lab', all()],
    ]);
  });
});

describe('a provider that is busy', () => {
  test('is waited for as long as it says, and no day is lost or doubled', async () => {
    const busy = [
      failure(429, 'rate_limit_error', 'slow', { 'retry-after': '7' }),
      failure(503, 'api_error', 'down'),
      failure(529, 'overloaded', ''),
    ];
    at.api.interfere = (_, count) => busy[count - 2];
    expect(await at.run('anthropic-cost')).toMatchObject({ outcome: 'done', days: { new: 30 } });
    expect([at.pauses, await billed()]).toEqual([[7_000, 2_000, 4_000], all()]);
  });

  test('with a date to come again', async () => {
    at.api.interfere = (_, count) =>
      count === 1 ? failure(429, 'rate_limit_error', '', { 'retry-after': 'Sat, 28 Nov 2026 12:00:30 GMT' }) : undefined;
    await at.run('anthropic-cost', { wanted: { from: '2026-11-20', to: '2026-11-20' } });
    expect(at.pauses).toEqual([30_000]);
  });

  test.each([
    ['for good', failure(500, 'api_error', ''), 6, /responded with 500.*\n.*again later/s],
    ['for an hour', failure(429, 'rate_limit_error', '', { 'retry-after': '3600' }), 1, /asked too often: run the import again in 60 min/],
    ['and says not to come again', failure(500, 'api_error', '', { 'x-should-retry': 'false' }), 1, /responded with 500/],
    ['silent', 'silent', 6, /Nothing responds at http:\/\/127\.0\.0\.1/],
    ['breaking off', 'cut', 6, /Nothing responds/],
  ] as const)('%s: it gives up with a remedy, and keeps what it has', async (_, answer, asked, words) => {
    at.api.interfere = (_url, count) => (count > 2 ? answer : undefined);
    const slow = { fetch: ((url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(answer === 'silent' ? 50 : 60_000) })) as typeof fetch };
    const { outcome, days, error } = await at.run('anthropic-cost', { world: slow });
    expect({ outcome, days: days.new, asked: at.api.received.length - 2 }).toEqual({ outcome: 'failed', days: 2, asked });
    expect(error && describeError(error)).toMatch(words);
  });
});

describe('pages that no longer belong together', () => {
  beforeEach(() => {
    at.api.pageSize = 2;
  });

  test.each([
    ['the cursor expired', () => at.api.expireCursors()],
    ['the data was refreshed', () => Object.assign(at.api, { refreshedAt: `${at.api.refreshedAt}!` })],
  ])('%s: the day begins again', async (_, expire) => {
    at.api.onRequest = () => (at.api.received.length === 3 ? expire() : undefined);
    expect(await at.run('anthropic-analytics', { wanted: { from: '2026-11-20', to: '2026-11-21' } })).toMatchObject({
      outcome: 'done',
      days: { new: 2 },
    });
    expect(await billed()).toBe(
      sum(
        facts.filter(({ day }) => day === '2026-11-20' || day === '2026-11-21'),
        (fact) => fact.billed,
      ),
    );
  });

  test('again and again: it gives up, and nothing of the day is stored', async () => {
    at.api.onRequest = () => at.api.expireCursors();
    const { outcome, error } = await at.run('anthropic-analytics', { wanted: { from: '2026-11-20', to: '2026-11-21' } });
    expect([outcome, error?.message, await at.store.days(ALL)]).toEqual([
      'failed',
      'The pages of 2026-11-20 expired 3 times while they were read.',
      [],
    ]);
  });
});

describe('an answer that means no good', () => {
  const day = { from: '2026-11-20', to: '2026-11-20' };
  const reasonOf = async (source: 'anthropic-cost' | 'anthropic-analytics' = 'anthropic-cost'): Promise<string> => {
    const { outcome, failed, error } = await at.run(source, { wanted: day });
    expect([outcome, await at.store.days(ALL)]).toEqual(['failed', []]);
    return `${failed[0]?.error.message ?? ''}${error === undefined ? '' : describeError(error)}`;
  };

  test.each([
    ['no JSON', '<html>Sign in</html>', /no JSON/],
    ['no list', { data: 7 }, /page 1/],
    ['deep', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, /not understood/],
    ['a page that leads nowhere', { data: [], has_more: true, next_page: null }, /has no next one/],
    ['a page that leads to itself', { data: [], has_more: true, next_page: 'x' }, /has no next one/],
    ['more than memory should hold', 'x'.repeat(65 * 1024 * 1024), /more than 64 MiB/],
    ['another language', { data: [{ starting_at: 'gestern\u001b[2J', results: [] }], has_more: false }, /no bucket for 2026-11-20/],
  ])('%s is refused', async (_, body, words) => {
    at.api.interfere = () => ({ status: 200, body });
    const reason = await reasonOf();
    expect(reason).toMatch(words);
    expect(reason).not.toContain('\u001b');
  });

  test('pages without an end are refused', async () => {
    at.api.interfere = (_, count) => ({ status: 200, body: { data: [], has_more: true, next_page: String(count) } });
    expect(await reasonOf('anthropic-analytics')).toMatch(/do not end/);
  });

  test('a redirect is not followed with the key', async () => {
    at.api.interfere = () => 'redirect';
    expect(await reasonOf()).toMatch(/responded with 302.\n.*not followed/);
  });

  test('one that quotes the key does not bring it into a message', async () => {
    at.api.interfere = (_url) => failure(400, 'invalid_request_error', 'the key sk-ant-admin01-a-secret-that-nobody-may-see is odd');
    expect(await reasonOf()).toMatch(/the key <secret> is odd/);
    expect(JSON.stringify(await at.store.runs({ source: 'anthropic-cost', account: '' }, 9))).not.toContain('nobody-may-see');
  });
});
