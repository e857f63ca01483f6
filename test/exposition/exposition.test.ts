import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { COMMUNITY_SERIES, GAUGE_SERIES, SERIES } from '../../collector/catalog/names.ts';
import { createExposition } from '../../collector/exposition/exposition.ts';
import type { Gauge } from '../../collector/query/gauges/gauge.ts';
import { GAUGE_READERS } from '../../collector/query/gauges/registry.ts';
import { type Sample, samplesOf, startTestCollector, sumOf, type TestCollector, type TestCollectorOptions } from './collector.ts';

const NOON = Date.parse('2026-11-20T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let collector: TestCollector | undefined;
afterEach(async () => {
  await collector?.stop();
  collector = undefined;
});
const start = async (options: TestCollectorOptions = {}): Promise<TestCollector> => {
  collector = await startTestCollector({ now: () => NOON, ...options });
  return collector;
};

const alice = { organization: 'acme', team: 'platform', user: 'alice@example.com', workspace: 'shop', model: 'claude-opus-5' };
const { organization, team, user, model } = alice;

describe('/metrics', () => {
  test('shows what the ledger booked, to the pico-dollar that a double can carry, once under each family’s labels', async () => {
    const { spend, scrape } = await start();
    const repository = 'acme/shop';
    await spend({ ...alice, repository, timeMs: NOON, usd: 0.005343 }, { ...alice, repository, timeMs: NOON, usd: 12.000001 });
    const samples = samplesOf(await scrape());
    const cost = (labels: Record<string, string>) => samples.filter((one) => one.name.endsWith('cost_usd') && sameLabels(one.labels, labels));
    expect(cost({ organization, team, user, model })).toEqual([{ name: 'ledgerline_cost_usd', labels: expect.anything(), value: 12.005344 }]);
    const place = { organization, team, workspace: 'shop', repository };
    expect(cost(place)).toMatchObject([{ name: 'ledgerline_workspace_cost_usd', value: 12.005344 }]);
    expect(cost({ ...place, model })).toMatchObject([{ name: 'ledgerline_workspace_model_cost_usd', value: 12.005344 }]);
    expect(samples).toContainEqual({ name: 'ledgerline_team_cost_events_usd', labels: { organization, team }, value: 12.005344 });
    expect(samples).toContainEqual({ name: 'ledgerline_model_requests', labels: { organization, model }, value: 2 });
    expect(cost({ organization, dimension: 'skill', value: 'none' })).toMatchObject([{ name: 'ledgerline_feature_cost_usd', value: 12.005344 }]);
    expect(samples).toContainEqual({ name: 'ledgerline_requests', labels: { organization, team, user }, value: 2 });
    expect(samples).toContainEqual({ name: SERIES.asOf, labels: {}, value: NOON / 1000 });
  });

  test('shows cost to date of the ledger’s own day, week and month, and of the month before', async () => {
    const { spend, scrape } = await start({ timeZone: 'America/New_York' });
    const midnight = Date.parse('2026-11-20T05:00:00Z');
    const month = Date.parse('2026-10-01T04:00:00Z');
    await spend(
      { ...alice, timeMs: midnight - 1, usd: 1 }, // Thursday evening in New York
      { ...alice, timeMs: midnight, usd: 2 },
      { ...alice, timeMs: NOON - 7 * DAY, usd: 4 },
      { ...alice, timeMs: month, usd: 8 },
      { ...alice, timeMs: month - 1, usd: 16 },
      { ...alice, timeMs: NOON - 32 * DAY, usd: 32 },
      { ...alice, timeMs: NOON - 31 * DAY + HOUR, usd: 64 },
    );
    const samples = samplesOf(await scrape());
    const ofTeams = (period: string) => sumOf(samples, 'ledgerline_team_cost_period_usd', { period });
    const ofPersons = (period: string) => sumOf(samples, SERIES.costPeriod, { period });
    expect([ofPersons('day'), ofPersons('week'), ofPersons('month')]).toEqual([2, 3, 7]);
    expect([ofTeams('day'), ofTeams('last_month'), ofTeams('last_month_to_date')]).toEqual([2, 104, 40]);
    expect(sumOf(samples, SERIES.cost)).toEqual(127);
  });

  test('shows corrections of more than what is booked below zero, and answers where nobody is left with any cost', async () => {
    const { spend, scrape, reader } = await start({ config: { budgets: [{ name: 'all', scope: {}, period: 'month', amount_usd: '9' }] } });
    for (let day = 0; day < 20; day++) {
      const timeMs = NOON - day * DAY;
      await spend({ ...alice, timeMs, usd: 2, amounts: { input_tokens: 10, cache_read_tokens: 90 } });
      const amounts = { requests: -5, input_tokens: -30, cache_read_tokens: -400 };
      await spend({ ...alice, timeMs, usd: -2.5, amounts, session: `session-${user}`, isAdjustment: true });
    }
    const samples = samplesOf(await scrape());
    expect(samples.filter(({ value }) => !Number.isFinite(value))).toEqual([]);
    expect([sumOf(samples, SERIES.cost), sumOf(samples, SERIES.costPeriod, { period: 'day' })]).toEqual([-10, -0.5]);
    expect([sumOf(samples, SERIES.requests), sumOf(samples, SERIES.budgetSpent), sumOf(samples, SERIES.budgetRemaining)]).toEqual([-80, -10, 19]);
    const { totals } = await reader.query({ measures: ['cost'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 9 });
    expect(Number(totals[0]) / 1e12).toBe(sumOf(samples, SERIES.cost));
    expect(await reader.check()).toEqual([]);
  });

  test('shows of a month in the past what the ledger knows of it', async () => {
    const { spend, scrape } = await start();
    const past = async () =>
      samplesOf(await scrape())
        .filter(({ name, labels }) => ['ledgerline_team_cost_period_usd', SERIES.periodKnown].includes(name) && labels.period?.startsWith('last_'))
        .map(({ name, labels, value }) => [name === SERIES.periodKnown ? 'known' : 'cost', labels.period, value]);
    await spend({ ...alice, timeMs: NOON, usd: 1 });
    expect(await past()).toEqual([]);
    await spend({ ...alice, timeMs: Date.parse('2026-10-02T00:00:00Z'), usd: 2 });
    const month = [
      ['cost', 'last_month', 2],
      ['known', 'last_month', 1],
    ];
    expect(await past()).toEqual(month);
    await spend({ ...alice, team: 'data', timeMs: Date.parse('2026-09-30T23:59:59Z'), usd: 4 });
    const toDate = [
      ['cost', 'last_month_to_date', 2],
      ['known', 'last_month_to_date', 1],
    ];
    expect((await past()).sort()).toEqual([...month, ...toDate].sort());
  });

  test('says unallocated and unknown instead of leaving a label out', async () => {
    const { spend, scrape } = await start();
    await spend({ timeMs: NOON, usd: 1 });
    const labels = { organization: 'unallocated', team: 'unallocated', user: 'unallocated', model: 'unknown' };
    expect(samplesOf(await scrape())).toContainEqual({ name: SERIES.cost, labels, value: 1 });
  });

  test('adds up values that look alike once shown, since a label set may appear only once', async () => {
    const { spend, scrape } = await start();
    await spend({ timeMs: NOON, usd: 1, user: 'a\u0000b' }, { timeMs: NOON, usd: 2, user: 'a\u0001b' }, { timeMs: NOON, usd: 4, user: 'a"\\\nb' });
    const text = await scrape();
    expect(text).not.toContain('\u0000');
    const cost = samplesOf(text).filter(({ name }) => name === SERIES.cost);
    expect(cost.map(({ labels, value }) => [labels.user, value]).sort()).toEqual([
      ['a"\\\ufffdb', 4],
      ['a\ufffdb', 3],
    ]);
  });

  test('writes every byte of a hostile label as the text format wants it', async () => {
    const { spend, scrape } = await start();
    await spend({ timeMs: NOON, usd: 0.1, organization: 'a,b="c"', team: '\\n{}', user: 'ü 😀', model: '\r\n' });
    const lines = (await scrape()).split('\n').filter((line) => line.startsWith(`${SERIES.cost}{`));
    const labels = String.raw`organization="a,b=\"c\"",team="\\n{}",user="ü 😀",model="��"`;
    expect(lines).toEqual([`${SERIES.cost}{${labels}} 0.1`]);
  });

  test('says each series’ help and type once, before its samples, and nothing of a series without samples', async () => {
    const { spend, scrape } = await start();
    const amounts = { input_tokens: 7, output_tokens: 9, lines_removed: 2, api_duration_ms: 900 };
    await spend({ ...alice, timeMs: NOON, usd: 1, amounts });
    const names: string[] = [];
    for (const line of (await scrape()).split('\n').filter((line) => line !== '')) {
      const name = line.replace(/^# (HELP|TYPE) /, '').split(/[ {]/)[0] ?? '';
      if (line.startsWith('# HELP')) names.push(name);
      else expect(name).toBe(names.at(-1));
    }
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('ledgerline_team_lines_of_code');
    expect(names).not.toContain('ledgerline_commits');
  });

  test('shows the buckets of a histogram together, empty ones too, with everything as the last', async () => {
    const { spend, scrape } = await start();
    const took = (api_duration_ms: number) => ({ ...alice, timeMs: NOON, usd: 1, amounts: { api_duration_ms } });
    await spend(took(6_000), took(20_000), took(50_000), { timeMs: NOON, usd: 1, team: 'idle', amounts: { requests: 0 } });
    const buckets = samplesOf(await scrape()).filter(({ name }) => name === 'ledgerline_team_request_duration_seconds_bucket');
    expect(buckets.map(({ labels: { le }, value }) => [le, value])).toEqual([
      ['2.5', 0],
      ['5', 0],
      ['10', 1],
      ['20', 2],
      ['40', 2],
      ['80', 3],
      ['160', 3],
      ['+Inf', 3],
    ]);
  });

  test('counts every record under each of its features, and remembers what took a second to read for a minute', async () => {
    let nowMs = NOON;
    let elapsedMs = 0;
    const { spend, scrape } = await start({ now: () => nowMs, elapsedMs: () => (elapsedMs += 1_000) });
    await spend({ ...alice, skill: 'review', effort: 'high', timeMs: NOON, usd: 1 }, { ...alice, effort: 'high', timeMs: NOON, usd: 2 });
    const feature = async (dimension: string) => {
      const all = samplesOf(await scrape()).filter(({ name, labels }) => name === 'ledgerline_feature_cost_usd' && labels.dimension === dimension);
      return Object.fromEntries(all.map(({ labels, value }) => [labels.value, value]));
    };
    expect([await feature('skill'), await feature('effort')]).toEqual([{ review: 1, none: 2 }, { high: 3 }]);
    await spend({ ...alice, skill: 'review', timeMs: NOON, usd: 4 });
    nowMs += 59_999;
    expect(await feature('skill')).toEqual({ review: 1, none: 2 });
    nowMs += 1;
    expect(await feature('skill')).toEqual({ review: 5, none: 2 });
  });

  test('groups the smallest label sets of large families beyond the limit into one, and keeps every sum', async () => {
    const { spend, scrape } = await start({ seriesMax: 400, config: { exposition: { community_series: false } }, gauges: [] });
    await spend(...Array.from({ length: 40 }, (_, index) => ({ ...alice, user: `user-${index}`, timeMs: NOON, usd: 40 - index })));
    const samples = samplesOf(await scrape());
    expect(sumOf(samples, SERIES.cost)).toBe(820);
    expect(sumOf(samples, SERIES.droppedSeries)).toBe(0);
    await collector?.stop();
    const small = await start({ seriesMax: 150, config: { exposition: { community_series: false } }, gauges: [] });
    await small.spend(...Array.from({ length: 40 }, (_, index) => ({ ...alice, user: `user-${index}`, timeMs: NOON, usd: 40 - index })));
    const fewer = samplesOf(await small.scrape());
    for (const name of [SERIES.cost, SERIES.costPeriod, 'ledgerline_requests', 'ledgerline_workspace_cost_usd', 'ledgerline_team_requests'])
      expect([name, sumOf(fewer, name)]).toEqual([name, sumOf(samples, name)]);
    expect(sumOf(fewer, SERIES.costPeriod, { user: 'user-0', period: 'day' })).toBe(40);
    expect(sumOf(fewer, SERIES.costPeriod, { user: 'user-39' })).toBe(0);
    expect(sumOf(fewer, SERIES.costPeriod, { user: '(other)', team: '(other)' })).toBeGreaterThan(0);
    expect(fewer.filter(({ labels }) => labels.team === 'platform' && labels.user === undefined)).toEqual(
      samples.filter(({ labels }) => labels.team === 'platform' && labels.user === undefined),
    );
    const ofLedger = (all: readonly Sample[]): number => all.filter(({ labels }) => labels.organization === 'acme').length;
    expect(ofLedger(fewer) + sumOf(fewer, SERIES.droppedSeries)).toBe(ofLedger(samples));
    expect(fewer.filter(({ labels }) => labels.organization !== undefined).length).toBeLessThanOrEqual(150);
    expect(samplesOf(await small.scrape())).toEqual(fewer);
  });

  test('keeps the features that cost most, of whichever dimension', async () => {
    const { spend, scrape } = await start({ seriesMax: 140, gauges: [], config: { exposition: { community_series: false } } });
    await spend(...Array.from({ length: 40 }, (_, index) => ({ organization, skill: `skill-${index}`, timeMs: NOON, usd: 1 + index })));
    const cost = samplesOf(await scrape()).filter(({ name, labels }) => name === 'ledgerline_feature_cost_usd' && labels.value?.startsWith('skill-'));
    expect(cost.length).toBeGreaterThan(3);
    expect(cost.map(({ value }) => value)).toEqual(cost.map((_, index) => 41 - cost.length + index));
  });

  test('groups the names of the community before its own series', async () => {
    const { spend, scrape } = await start({ seriesMax: 450, gauges: [] });
    await spend(
      ...Array.from({ length: 40 }, (_, index) => ({ ...alice, user: `user-${index}`, timeMs: NOON, usd: 40 - index, amounts: { input_tokens: 5 } })),
    );
    const samples = samplesOf(await scrape());
    expect(samples.filter(({ labels }) => labels.user === '(other)' || labels.value === '(other)')).toEqual([]);
    expect(sumOf(samples, COMMUNITY_SERIES.cost, { user_email: '(other)' })).toBeGreaterThan(0);
    expect([sumOf(samples, COMMUNITY_SERIES.cost), sumOf(samples, SERIES.cost)]).toEqual([820, 820]);
    expect(samples.length).toBeLessThanOrEqual(450 + 3);
  });

  test('adds what was grouped to what the ledger booked under "(other)"', async () => {
    const { spend, scrape } = await start({ seriesMax: 100 });
    const other = { organization: '(other)', team: '(other)', user: '(other)', model: '(other)' };
    const users = Array.from({ length: 40 }, (_, index) => ({ ...alice, user: `user-${index}`, timeMs: NOON, usd: 1 }));
    await spend({ ...other, timeMs: NOON, usd: 1000 }, ...users);
    const samples = samplesOf(await scrape()).filter(({ name }) => name === SERIES.cost);
    expect(samples.filter(({ labels }) => labels.user === '(other)')).toHaveLength(1);
    expect(sumOf(samples, SERIES.cost, other)).toBeGreaterThan(1000);
    expect(sumOf(samples, SERIES.cost)).toBe(1040);
  });

  test('keeps what a client calls "unallocated" apart from what is not known', async () => {
    const { spend, scrape } = await start();
    await spend({ ...alice, team: '', timeMs: NOON, usd: 1 }, { ...alice, team: 'unallocated', timeMs: NOON, usd: 2 });
    const samples = samplesOf(await scrape());
    expect([sumOf(samples, SERIES.cost, { team: 'unallocated' }), sumOf(samples, SERIES.cost, { team: "'unallocated'" })]).toEqual([1, 2]);
  });

  test('leaves labels out where the configuration says so, and adds the team to families where it says so', async () => {
    const exposition = { without: ['user', 'repository'], by_team: ['model', 'feature'] } as const;
    const { spend, scrape } = await start({
      config: { exposition: { ...exposition, without: [...exposition.without], by_team: [...exposition.by_team] } },
    });
    await spend(
      { ...alice, timeMs: NOON, usd: 1 },
      { ...alice, user: 'bob@example.com', team: 'data', timeMs: NOON, usd: 2 },
      { ...alice, user: 'eve', timeMs: NOON, usd: 4 },
    );
    const samples = samplesOf(await scrape());
    expect(samples.filter(({ labels }) => 'user' in labels || 'repository' in labels || 'user_email' in labels)).toEqual([]);
    expect(samples).toContainEqual({ name: SERIES.cost, labels: { organization, team, model }, value: 5 });
    expect(samples).toContainEqual({ name: SERIES.costPeriod, labels: { organization, team, period: 'day' }, value: 5 });
    expect(samples).toContainEqual({ name: 'ledgerline_model_cost_events_usd', labels: { organization, team: 'data', model }, value: 2 });
    const labels = { organization, team, dimension: 'skill', value: 'none' };
    expect(samples).toContainEqual({ name: 'ledgerline_feature_cost_usd', labels, value: 5 });
    expect(samples).toContainEqual({ name: COMMUNITY_SERIES.cost, labels: { organization_id: 'acme', model }, value: 7 });
  });

  test('shows what all together come to without the labels of parts', async () => {
    const { spend, scrape } = await start();
    await spend({ ...alice, timeMs: NOON, usd: 1 }, { ...alice, team: 'data', timeMs: NOON, usd: 3 });
    const averages = samplesOf(await scrape()).filter(
      ({ name, labels }) => name === GAUGE_SERIES.cost_per_active_user_day && labels.stat === 'average',
    );
    expect(averages.map(({ labels, value }) => [labels, value])).toEqual([
      [{ stat: 'average' }, 4],
      [{ organization, stat: 'average' }, 4],
      [{ organization, team: 'data', stat: 'average' }, 3],
      [{ organization, team, stat: 'average' }, 1],
    ]);
  });

  test('offers the names that boards for Claude Code query, or leaves them out', async () => {
    const { spend, scrape } = await start();
    await spend({ ...alice, timeMs: NOON, usd: 3, amounts: { input_tokens: 7, cache_read_tokens: 11, lines_added: 5, edits_accepted: 2 } });
    const text = await scrape();
    const samples = samplesOf(text);
    const who = { organization_id: 'acme', user_email: 'alice@example.com' };
    expect(samples).toContainEqual({ name: COMMUNITY_SERIES.cost, labels: { ...who, model }, value: 3 });
    expect(samples).toContainEqual({ name: COMMUNITY_SERIES.tokens, labels: { ...who, model, type: 'cacheRead' }, value: 11 });
    expect(samples).toContainEqual({ name: COMMUNITY_SERIES.linesOfCode, labels: { ...who, type: 'added' }, value: 5 });
    expect(samples).toContainEqual({ name: COMMUNITY_SERIES.editDecisions, labels: { ...who, decision: 'accept' }, value: 2 });
    expect(text).toContain(`# TYPE ${COMMUNITY_SERIES.cost} counter`);
    expect(text).toContain(`# TYPE ${SERIES.cost} gauge`);
    await collector?.stop();
    const without = await start({ config: { exposition: { community_series: false } } });
    await without.spend({ ...alice, timeMs: NOON, usd: 3 });
    expect(await without.scrape()).not.toContain('claude_code_');
  });

  test('offers them by session where asked for: those of the last day, as they grow', async () => {
    const { spend, scrape } = await start({ config: { exposition: { community_session_id: true } } });
    const session = { ...alice, session: 'fresh' };
    await spend(
      { ...alice, session: 'old', timeMs: NOON - DAY - HOUR, usd: 9 },
      { ...session, timeMs: NOON - HOUR, usd: 1, amounts: { output_tokens: 5 } },
    );
    const cost = async () => samplesOf(await scrape()).filter(({ name }) => name === COMMUNITY_SERIES.cost);
    const labels = { organization_id: 'acme', user_email: 'alice@example.com', model, session_id: 'fresh' };
    expect(await cost()).toEqual([{ name: COMMUNITY_SERIES.cost, labels, value: 1 }]);
    await spend({ ...session, model: 'claude-haiku-5', timeMs: NOON, usd: 2 });
    expect(await cost()).toEqual([
      { name: COMMUNITY_SERIES.cost, labels, value: 1 },
      { name: COMMUNITY_SERIES.cost, labels: { ...labels, model: 'claude-haiku-5' }, value: 2 },
    ]);
    const { session_id, organization_id, user_email } = labels;
    expect(samplesOf(await scrape())).toContainEqual({
      name: COMMUNITY_SERIES.sessions,
      labels: { organization_id, user_email, session_id },
      value: 1,
    });
  });

  test('shows each gauge no older than it says, and one that fails as a comment', async () => {
    let reads = 0;
    let nowMs = NOON;
    const gauge = (series: string, maxAgeMs: number, read: Gauge['read']): Gauge => ({
      series,
      help: 'Help.',
      labels: ['user'],
      unit: 'count',
      maxAgeMs,
      read,
    });
    const gauges = [
      gauge('ledgerline_slow', 60_000, async () => [{ labels: ['a\u0000"'], value: ++reads }]),
      gauge('ledgerline_twice', 0, async () => [
        { labels: ['a\u0000'], value: 1 },
        { labels: ['a\u0001'], value: 2 },
      ]),
      gauge('ledgerline_broken', 0, async () => {
        throw new Error('secret detail');
      }),
      gauge('ledgerline_empty', 0, async () => []),
    ];
    // Reading a gauge takes a second.
    let elapsedMs = 0;
    const { scrape } = await start({ gauges, now: () => nowMs, elapsedMs: () => (elapsedMs += 1_000) });
    const slow = async () => sumOf(samplesOf(await scrape()), 'ledgerline_slow', { user: 'a\ufffd"' });
    expect([await slow(), await slow()]).toEqual([1, 1]);
    nowMs += 60_000;
    expect(await slow()).toBe(2);
    const text = await scrape();
    expect(text).toContain('\n# ledgerline_broken could not be computed: Internal error.\n');
    expect(text).not.toContain('secret detail');
    expect(text).not.toContain('ledgerline_empty');
    expect(samplesOf(text).filter(({ name }) => name === 'ledgerline_twice')).toHaveLength(1);
  });

  test('shows a gauge again for 300 times as long as it took to read', async () => {
    let reads = 0;
    let nowMs = NOON;
    let elapsedMs = 0;
    const counting: Gauge = { ...GAUGE_READERS.ledger_cost, maxAgeMs: 60_000, read: async () => [{ labels: [], value: ++reads }] };
    const { scrape } = await start({ gauges: [counting], now: () => nowMs, elapsedMs: () => (elapsedMs += 10) });
    const shown = async () => sumOf(samplesOf(await scrape()), counting.series);
    expect(await shown()).toBe(1);
    nowMs += 2_999;
    expect(await shown()).toBe(1);
    nowMs += 1;
    expect(await shown()).toBe(2);
  });

  describe('with gauges that take 1.5 s each', () => {
    /** What each of them shows: how often it was read. `laterMs`: how long after the scrape before. */
    const startCostly = async (names: readonly string[], maxAgeMs: number) => {
      let nowMs = NOON;
      let elapsedMs = 0;
      const costly = (series: string): Gauge => {
        let reads = 0;
        const read = async () => {
          elapsedMs += 1_500;
          return [{ labels: [], value: ++reads }];
        };
        return { ...GAUGE_READERS.ledger_cost, series, maxAgeMs, read };
      };
      const { scrape } = await start({ gauges: names.map(costly), now: () => nowMs, elapsedMs: () => elapsedMs });
      const shown = async (laterMs = 0) => {
        nowMs += laterMs;
        const startedMs = elapsedMs;
        const samples = samplesOf(await scrape());
        expect(elapsedMs - startedMs).toBeLessThanOrEqual(3_000);
        return names.map((name) => samples.find((sample) => sample.name === name)?.value);
      };
      return { scrape, shown };
    };

    test('reads them over several scrapes, and shows what it showed before until then', async () => {
      const { scrape, shown } = await startCostly(['ledgerline_a', 'ledgerline_b', 'ledgerline_c', 'ledgerline_d'], 900_000);
      expect(await scrape()).toContain('# ledgerline_c will be read in a later scrape');
      expect(await shown()).toEqual([1, 1, 1, 1]);
      expect(await shown(900_000)).toEqual([2, 2, 1, 1]);
      expect(await shown()).toEqual([2, 2, 2, 2]);
    });

    test('reads all of them in turn where none may be shown again in the next scrape', async () => {
      const { shown } = await startCostly(['ledgerline_a', 'ledgerline_b', 'ledgerline_c', 'ledgerline_d', 'ledgerline_e'], 60_000);
      expect(await shown()).toEqual([1, 1, undefined, undefined, undefined]);
      expect(await shown(60_000)).toEqual([1, 1, 1, 1, undefined]);
      expect(await shown(60_000)).toEqual([2, 1, 1, 1, 1]);
      expect(await shown(60_000)).toEqual([2, 2, 2, 1, 1]);
      expect(await shown(60_000)).toEqual([3, 2, 2, 2, 1]);
      expect(await shown(60_000)).toEqual([3, 3, 2, 2, 2]);
    });
  });

  test('is about one instant, whatever is booked while it is read', async () => {
    let booked = 0;
    const beforeQuery = async (): Promise<void> => {
      if (booked++ < 3) await spend({ ...alice, timeMs: NOON, usd: 1 });
    };
    const { spend, reader, text } = await start({ gauges: [], beforeQuery });
    await spend({ ...alice, timeMs: NOON, usd: 1 });
    const samples = samplesOf((await Array.fromAsync(text())).join(''));
    const cost = ['cost', 'workspace_cost', 'team_cost_events', 'model_cost_events'].map((name) => sumOf(samples, `ledgerline_${name}_usd`));
    expect(cost).toEqual([1, 1, 1, 1]);
    expect(booked).toBeGreaterThan(3);
    const { totals } = await reader.query({ measures: ['cost'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 1 });
    expect(totals).toEqual([4_000_000_000_000n]);
  });

  test('shows how far each budget is used', async () => {
    const budgets = [{ name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '100.00', warning_threshold: 0.8 } as const];
    const { spend, scrape } = await start({ config: { budgets } });
    await spend({ ...alice, timeMs: NOON, usd: 80 }, { timeMs: NOON, usd: 500, team: 'data' });
    const samples = samplesOf(await scrape());
    const labels = { budget: 'platform', scope: 'team=platform', team: 'platform', period: 'month' };
    expect(samples).toContainEqual({ name: SERIES.budgetSpent, labels, value: 80 });
    expect(samples).toContainEqual({ name: SERIES.budgetLimit, labels, value: 100 });
    expect(samples).toContainEqual({ name: SERIES.budgetUsedRatio, labels, value: 0.8 });
    expect(samples).toContainEqual({ name: SERIES.budgetPeriodEnd, labels, value: Date.parse('2026-12-01T00:00:00Z') / 1000 });
  });

  test('shows no ledger figure and no age while the ledger is empty', async () => {
    const { scrape } = await start();
    const names = samplesOf(await scrape()).map(({ name }) => name);
    expect(names).toContain(SERIES.buildInfo);
    expect(names).not.toContain(SERIES.asOf);
    expect(names).not.toContain(SERIES.cost);
  });

  test('appends the text of the collector’s own series', async () => {
    const { scrape } = await start({ selfText: async () => '# TYPE own gauge\nown 1\n' });
    expect(await scrape()).toMatch(/ledgerline_build_info\{version="0.0.0-test"\} 1\n# TYPE own gauge\nown 1\n$/);
  });

  test('does not wait for a busy thread, and says that its series are missing', async () => {
    const handler = createExposition({ ledgerText: chunked, selfText: () => new Promise(() => {}), selfTimeoutMs: 20 });
    const { status, text } = await ask(handler);
    expect(status).toBe(200);
    expect(text).toContain("# The collector's own series took longer than 20 ms.");
  });

  test('answers 503 when the ledger cannot be read, so that Prometheus records a gap and not the end of all series', async () => {
    const broken = async function* () {
      yield '# TYPE ledgerline_cost_usd gauge\n';
      throw new Error('disk on fire');
    };
    const { status, text } = await ask(createExposition({ ledgerText: broken, selfText: async () => '' }));
    expect(status).toBe(503);
    expect(text).toBe('Internal error.\n');
  });

  test('reads the ledger once for scrapes that arrive together, and again for the next', async () => {
    let reads = 0;
    let arrived = 0;
    const everybody = Promise.withResolvers<string>();
    const exposition = createExposition({ ledgerText: () => chunked(`read ${++reads}\n`), selfText: () => everybody.promise, selfTimeoutMs: 20_000 });
    const { url, stop } = await listen((request, response) => {
      exposition(request, response);
      if (++arrived === 5) everybody.resolve('');
    });
    const scrape = async (): Promise<string> => (await fetch(url)).text();
    const together = await Promise.all(Array.from({ length: 5 }, scrape));
    const next = await scrape();
    await stop();
    expect(together).toEqual(Array.from({ length: 5 }, () => 'read 1\n'));
    expect(next).toBe('read 2\n');
  });

  test('lets other questions to its thread through while it makes the text', async () => {
    let turns = 0;
    const count = (): void => {
      turns++;
      other = setImmediate(count);
    };
    let other = setImmediate(count);
    const seen: number[] = [];
    const chunks = async function* () {
      for (let index = 0; index < 4; index++) {
        seen.push(turns);
        yield `x${index} 1\n`;
      }
    };
    const { text } = await ask(createExposition({ ledgerText: chunks, selfText: async () => '' }));
    clearImmediate(other);
    expect(text).toBe('x0 1\nx1 1\nx2 1\nx3 1\n');
    expect(new Set(seen).size).toBe(4);
  });

  test('sends a client that reads slowly everything, and survives one that goes away', async () => {
    const megabyte = `${'# '.padEnd(1023, 'x')}\n`.repeat(1024);
    const { url, stop } = await listen(
      createExposition({ ledgerText: () => chunked(...Array.from({ length: 24 }, () => megabyte)), selfText: async () => 'end 1\n' }),
    );
    const impatient = await fetch(url);
    await impatient.body?.cancel();
    let bytes = 0;
    let last = '';
    for await (const part of (await fetch(url)).body ?? []) {
      bytes += part.byteLength;
      last = Buffer.from(part).toString();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await stop();
    expect(bytes).toBe(24 * 2 ** 20 + 6);
    expect(last).toMatch(/end 1\n$/);
  });

  test('refuses methods other than GET', async () => {
    const { url } = await start();
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
  });
});

const sameLabels = (one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean =>
  Object.keys(one).length === Object.keys(other).length && Object.entries(other).every(([name, value]) => one[name] === value);

async function* chunked(...chunks: readonly string[]): AsyncIterable<string> {
  yield* chunks;
}

async function ask(handler: ReturnType<typeof createExposition>): Promise<{ status: number; text: string }> {
  const { url, stop } = await listen(handler);
  try {
    const answer = await fetch(url);
    return { status: answer.status, text: await answer.text() };
  } finally {
    await stop();
  }
}

async function listen(handler: ReturnType<typeof createExposition>): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    // listen() on a TCP port: the address is an object.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
