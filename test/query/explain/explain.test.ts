/** The comparison, sessions, scopes, and that no ledger is too odd to be explained. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseUsd } from '../../../collector/core/money.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { heldBack } from '../../../collector/query/explain/quality.ts';
import { SLICE_MEASURES, Slice } from '../../../collector/query/explain/slice.ts';
import { EXPLAIN, type ExplainAnswer } from '../../../collector/query/explain.ts';
import { NOON } from '../../support/entries.ts';
import { seededRandom } from '../../support/random.ts';
import { openQuestioned, type Questioned } from '../put-question.ts';
import { costOf, DAY, incident, MINUTE, QUESTION, request, TODAY, usualDay, usualDays } from './scenario.ts';

const HOUR = 60 * MINUTE;

/** Sentences that are the same for everybody have words such as "same" in them. */
const withoutSentences = ({ savings, ...rest }: ExplainAnswer): object => ({
  ...rest,
  savings: savings?.advice.map(({ title: _, advice: __, how: ___, thresholds: ____, unknown: _____, ...found }) => found),
});

describe('an explanation', () => {
  let asked: Questioned;
  const explain = (words: string, more?: Parameters<Questioned['put']>[2]): Promise<ExplainAnswer> => asked.put(EXPLAIN, words, more);
  const long = Array.from({ length: 60 }, (_, index) =>
    request({ session: 'endless', team: 'search', user: 'sue', atMs: NOON + index * 2 * MINUTE, read: 20_000 + index * 10_000 }),
  );
  const loop = Array.from({ length: 30 }, (_, index) => request({ session: 'loop', team: 'search', user: 'sam', atMs: NOON + index * 1_000 }));
  const entries = [...usualDays('platform'), ...usualDay('platform', TODAY), ...usualDays('search'), ...usualDay('search', TODAY), ...long, ...loop];

  beforeAll(async () => {
    asked = await openQuestioned(TODAY + DAY);
    await asked.append(...entries, incident('search', 'loop', NOON + MINUTE, { errors: 1 }));
  });
  afterAll(() => asked.close());

  test('of the last 24 hours is given where nothing else is asked for', async () => {
    const { from, to, cost_usd, normal_days, age_seconds } = await explain('');
    expect({ from, to, normal_days }).toEqual({ from: '2026-11-20T00:00:00.000Z', to: null, normal_days: 14 });
    expect(age_seconds).toBe(0);
    expect(parseUsd(cost_usd)).toBe(costOf(entries.filter(({ timeMs }) => timeMs >= TODAY)));
  });

  test('compares with the median of the days before, for the length of what is asked', async () => {
    const usual = costOf(usualDay('platform', TODAY));
    const half = await explain('from=2026-11-20&to=2026-11-20T12:00:00Z&where=team:platform');
    expect(parseUsd(half.normal_usd ?? '')).toBe(usual / 2n);
    const less = await explain('from=2026-11-20T11:00:00Z&to=2026-11-20T23:00:00Z&where=team:platform');
    expect(less.headline).toMatch(/^\$0\.15 for 8 requests, 67 % of the \$0\.23 that is usual/);
    const three = await explain('from=2026-11-18&to=2026-11-21&where=team:platform');
    expect(parseUsd(three.normal_usd ?? '')).toBe(usual * 3n);
    const { from, to, cost_usd } = await explain('since=2026-11-18&until=2026-11-20&where=team:platform');
    expect({ from, to, cost_usd }).toEqual({ from: three.from, to: three.to, cost_usd: three.cost_usd });
    expect(three.normal_days).toBe(12);
  });

  test('of the days before the ledger begins there is none, and nothing is compared', async () => {
    const { normal_usd, ratio, headline } = await explain('from=2026-11-06&to=2026-11-07');
    expect({ normal_usd, ratio }).toEqual({ normal_usd: null, ratio: null });
    expect(headline).toMatch(/with no days before to compare it with/);
    expect((await explain('from=2026-10-01&to=2026-10-02')).headline).toBe('Nothing was spent in this time range.');
  });

  test('of a session looks at it alone, against the sessions of its team', async () => {
    const answer = await explain('session=endless');
    expect(answer.session).toMatchObject({ session_id: 'endless', full_id: 'endless~', user: 'sue', team: 'search' });
    expect(parseUsd(answer.cost_usd)).toBe(costOf(long));
    expect(parseUsd(answer.normal_usd ?? '')).toBe(costOf(usualDay('search', TODAY)) / 3n);
    expect(answer.findings.map(({ code }) => code)).toEqual(expect.arrayContaining(['long_conversations', 'large_inputs']));
    expect(answer.headline).toMatch(
      /^This session cost \$\d+\.\d\d for 60 requests, \d+(\.\d)? times the \$0\.15 that sessions of its team usually cost/,
    );
    expect((await explain('session=loop')).findings.map(({ code }) => code)).toContain('high_request_rate');
  });

  test('names nobody outside of the scope of who asks', async () => {
    const scope = [{ dimension: 'team', values: ['platform'] }] as const;
    const answer = await explain(QUESTION, { scope });
    expect(JSON.stringify(withoutSentences(answer))).not.toMatch(/search|sue|sam|endless|loop/);
    expect(answer).toEqual({ ...(await explain(`${QUESTION}&where=team:platform`)), hints: [] });
    for (const session of ['endless', 'loop', 'nobody'])
      await expect(explain(`session=${session}`, { scope })).rejects.toMatchObject({ code: 'not_found' });
    const own = await explain(QUESTION, { scope: [{ dimension: 'user', values: ['sam'] }] });
    expect(parseUsd(own.cost_usd)).toBe(costOf(loop));
    expect(JSON.stringify(own)).not.toMatch(/sue|endless|platform/);
  });

  test('of a session finds it by the first eight characters of its id', async () => {
    await asked.append(
      request({ session: '6fd5a1f0-8a7c', team: 'other', atMs: NOON }),
      request({ session: '6fd5a1f1-8a7c', team: 'other', atMs: NOON }),
    );
    expect((await explain('session=6fd5a1f0')).session).toMatchObject({ session_id: '6fd5a1f0-8a7c' });
    await expect(explain('session=6fd5a1f')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('of a session and something else is refused with the remedy', async () => {
    await expect(explain('session=loop&where=team:search')).rejects.toMatchObject({
      code: 'invalid',
      hint: 'Leave out where: a session is explained as a whole.',
    });
    await expect(explain('session=loop&since=2026-11-20')).rejects.toMatchObject({ code: 'invalid' });
  });

  test('of a session that lost records because of their age says that something may be missing', async () => {
    const aged = await openQuestioned(TODAY + DAY);
    try {
      const requests = [0, 1, 2, 3].map((index) => request({ session: 'aged', team: 'x', atMs: TODAY - index * 2 * DAY }));
      await aged.append(...requests);
      expect(await aged.put(EXPLAIN, 'session=aged')).toMatchObject({ is_complete: true, requests: 4 });
      await aged.ledger.writer.prune(TODAY - 3 * DAY);
      expect(await aged.put(EXPLAIN, 'session=aged')).toMatchObject({ is_complete: true, requests: 4 });
      await aged.ledger.writer.prune(TODAY + DAY);
      expect(await aged.put(EXPLAIN, 'session=aged')).toMatchObject({ is_complete: false, requests: 0 });
    } finally {
      await aged.close();
    }
  });

  test('warns by money: of a quarter of more than usual, of a tenth, and never of less than a dollar', async () => {
    const severities = async (words: string) => (await explain(words)).findings.map(({ code, share, severity }) => [code, share, severity] as const);
    const search = await severities(`${QUESTION}&where=team:search`);
    expect(search).toContainEqual(['largest_sessions', expect.any(Number), 'critical']);
    for (const [, share, severity] of search) if (share < 0.1) expect(severity).toBe('info');
    const small = usualDay('small', TODAY, () => ({ dimensions: { speed: 'fast' } })).slice(0, 4);
    await asked.append(...small);
    expect(await severities(`${QUESTION}&where=team:small`)).toContainEqual(['fast_mode', 0.5, 'info']);
  });

  test('hints at the nearest value where a filter names none', async () => {
    expect((await explain(`${QUESTION}&where=team:serach`)).hints).toMatchObject([{ nearest: 'search' }]);
  });
});

test('cost that is held back is said to be beside the cost shown', () => {
  const sums = SLICE_MEASURES.map((name) => (name === 'cost_unreconciled' ? 2_500_000_000_000n : 1n));
  const found = heldBack({ now: new Slice([{ values: {}, sums }]) } as unknown as Parameters<typeof heldBack>[0]);
  expect(found).toMatchObject([{ code: 'held_back', explains: 0n, title: expect.stringContaining('$2.50 is held back') }]);
  expect(heldBack({ now: new Slice([]) } as unknown as Parameters<typeof heldBack>[0])).toEqual([]);
});

test('days are those of the time zone, also where the clock is changed', async () => {
  const zone = 'America/New_York';
  // The clock goes back on 1 November 2026.
  const now = Date.parse('2026-11-08T05:00:00Z');
  const asked = await openQuestioned(now, { timezone: zone });
  try {
    const entries: Entry[] = [];
    for (let hour = 0; hour < 24 * 18; hour++) {
      const atMs = now - (hour + 1) * HOUR + 7 * MINUTE;
      entries.push(request({ session: `s${hour % 9}`, team: 'x', atMs, output: 100 + ((hour * 7919) % 400) }));
    }
    await asked.append(...entries);
    const answer = await asked.put(EXPLAIN, 'from=2026-11-07&to=2026-11-08');
    const dayOf = (ms: number): string => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDate().toString();
    const byDay = Map.groupBy(entries, ({ timeMs }) => dayOf(timeMs));
    expect(parseUsd(answer.cost_usd)).toBe(costOf(byDay.get('2026-11-07') ?? []));
    const costs = Array.from({ length: 14 }, (_, index) =>
      costOf(byDay.get(Temporal.PlainDate.from('2026-11-06').subtract({ days: index }).toString()) ?? []),
    );
    const sorted = costs.toSorted((a, b) => (a < b ? -1 : 1));
    expect(parseUsd(answer.normal_usd ?? '')).toBe(((sorted[6] ?? 0n) + (sorted[7] ?? 0n)) / 2n);
  } finally {
    await asked.close();
  }
});

test('whatever a ledger holds can be explained: nothing claims more than there is, and the cost is the plain sum', async () => {
  const random = seededRandom('odd ledgers');
  for (let round = 0; round < 12; round++) {
    const asked = await openQuestioned(TODAY + DAY);
    try {
      const odd = Array.from({ length: random.below(200) }, (): Entry => {
        const atMs = TODAY + DAY - random.below(20 * DAY) - 1;
        const count = (): number => (random.chance(0.2) ? 0 : random.below(random.chance(0.1) ? 1_000_000_000 : 100_000));
        const plan = { session: `s${random.below(12)}`, user: random.pick(['', 'ada', 'bob', '(other)']), team: random.pick(['', 'x']), atMs };
        const model = random.pick(['', 'claude-opus-5-5', 'claude-haiku-5-5', 'no-such-model', 'claude-opus-4-6']);
        const dimensions = {
          speed: random.pick(['fast', 'normal', '']),
          effort: random.pick(['', 'high', 'low']),
          query_source: random.pick(['', 'main', 'subagent', 'auxiliary']),
          entry_point: random.pick(['', 'cli', 'sdk-py']),
          client_version: random.pick(['', '1', '2']),
          status: random.pick(['', '529']),
        };
        const amounts = random.chance(0.3) ? { errors: random.below(3), compactions: random.below(2), unbilled_tokens: count() } : {};
        return request({ ...plan, model, dimensions, read: count(), written: count(), written1h: count(), input: count(), output: count(), amounts });
      });
      if (odd.length > 0) await asked.append(...odd);
      const cases = [
        '',
        QUESTION,
        'period=this_year',
        'to=2026-11-20',
        `${QUESTION}&where=model:unknown`,
        'tz=Asia/Kathmandu',
        ...(odd.length > 0 ? [`session=${odd[0]?.sessionId}`] : []),
      ];
      for (const words of cases) {
        const { findings } = await asked.put(EXPLAIN, words);
        expect(findings.every(({ share }) => share >= 0 && share <= 1)).toBe(true);
      }
      const { cost_usd } = await asked.put(EXPLAIN, QUESTION);
      expect(parseUsd(cost_usd)).toBe(costOf(odd.filter(({ timeMs }) => timeMs >= TODAY && timeMs < TODAY + DAY)));
    } finally {
      await asked.close();
    }
  }
});
