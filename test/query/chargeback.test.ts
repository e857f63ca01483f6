import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { configSchema } from '../../collector/config/config.ts';
import { formatUsd, parseUsd } from '../../collector/core/money.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { splitByWeight } from '../../collector/query/chargeback/split.ts';
import { CHARGEBACK, type ChargebackAnswer } from '../../collector/query/chargeback.ts';
import { adjustment, event } from '../support/entries.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { openQuestioned, type Questioned } from './put-question.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const OCTOBER = Date.parse('2026-10-10T12:00:00Z');
let questioned: Questioned | undefined;
const folder = mkdtempSync(join(tmpdir(), 'chargeback-'));
const file = join(folder, 'directory.yaml');
writeFileSync(file, 'teams:\n  Lab: { cost_center: cc-lab }\n');
afterEach(async () => {
  await questioned?.close();
  questioned = undefined;
});
afterAll(() => rmSync(folder, { recursive: true }));
const random = seededRandom('chargeback');
const usd = (text: string): bigint => parseUsd(text) ?? 0n;

test('parts add up to the whole, and none is further than one pico-dollar from its share', () => {
  for (let round = 0; round < 2_000; round++) {
    const amount = BigInt(Math.floor((random.next() - 0.2) * 1e12));
    const weights = new Map(Array.from({ length: random.below(6) }, (_, index) => [`t${index}`, BigInt(random.below(5) * random.below(1_000))]));
    const whole = [...weights.values()].reduce((sum, weight) => sum + weight, 0n);
    const parts = splitByWeight(amount, weights);
    if (whole === 0n) {
      expect(parts.size).toBe(0);
      continue;
    }
    expect([...parts.values()].reduce((sum, part) => sum + part, 0n)).toBe(amount);
    for (const [team, part] of parts) {
      const off = part * whole - amount * (weights.get(team) ?? 0n);
      expect(off > -whole && off < whole).toBe(true);
    }
    expect(splitByWeight(amount, new Map([...weights].reverse()))).toEqual(parts);
  }
});

const RULES = [
  { name: 'platform', team: 'Platform', split: 'spend' },
  { name: 'ci', job: 'ci:acme/*', split: 'heads', from: '2026-10' },
  { name: 'tools', workspace: 'tools', split: 'fixed', shares: { search: 2, new: 1 } },
  { name: 'over', team: 'old', split: 'fixed', shares: { search: 1 }, until: '2026-10' },
];

function generated(from: Random): Entry[] {
  return Array.from({ length: 200 }, (_, index) => {
    const team = from.pick(['search', 'data', 'platform', 'old', '']);
    const job = from.chance(0.2) ? 'ci:acme/api/nightly' : '';
    return event({
      ...{
        id: `${index}`,
        sessionId: `s${index}`,
        timeMs: OCTOBER + from.below(86_400_000 * 15),
        team,
        user: job === '' ? from.pick(['ada', 'bob', 'cy', 'dee']) : '',
      },
      cost: `${from.below(10)}.${String(from.below(1e12)).padStart(12, '0')}`,
      dimensions: { job, workspace: from.pick(['tools', 'web']), cost_center: team === 'search' ? from.pick(['cc-1', 'cc-2']) : '' },
    });
  });
}

/** The same by hand, over the raw entries, with fractions rounded by nobody: cross-multiplied. */
function oracle(entries: readonly Entry[]) {
  const of = (entry: Entry, name: 'team' | 'job' | 'workspace' | 'user'): string => entry.dimensions[name] ?? '';
  const ruleOf = (entry: Entry): string | undefined => {
    if (of(entry, 'team') === 'platform') return 'platform';
    if (of(entry, 'job') !== '') return 'ci';
    return of(entry, 'workspace') === 'tools' ? 'tools' : undefined;
  };
  const sum = (some: readonly Entry[]): bigint => some.reduce((all, { cost }) => all + (cost ?? 0n), 0n);
  const teams = ['search', 'data', 'old'];
  const kept = entries.filter((entry) => ruleOf(entry) === undefined);
  const weights: Record<string, Record<string, bigint>> = {
    platform: Object.fromEntries(teams.map((team) => [team, sum(kept.filter((entry) => of(entry, 'team') === team))])),
    ci: Object.fromEntries(
      teams.map((team) => [
        team,
        BigInt(new Set(entries.filter((entry) => of(entry, 'team') === team && of(entry, 'user') !== '').map((entry) => of(entry, 'user'))).size),
      ]),
    ),
    tools: { search: 2n, new: 1n },
  };
  return {
    weights,
    pools: Object.fromEntries(['platform', 'ci', 'tools'].map((rule) => [rule, sum(entries.filter((entry) => ruleOf(entry) === rule))])),
    whole: sum(entries),
    sum,
  };
}

test('a month is split by its rules, and comes to what was booked', async () => {
  questioned = await openQuestioned(NOW, { directory: { shared_costs: RULES } });
  const entries = generated(random);
  await questioned.append(...entries, event({ id: 'november', sessionId: 'n', timeMs: NOW - 1_000, team: 'search', cost: '5.00' }));
  const answer: ChargebackAnswer = await questioned.put(CHARGEBACK, 'month=2026-10');
  const { weights, pools, whole, sum } = oracle(entries);
  expect(answer.cost_usd).toBe(formatUsd(whole));
  const column = (name: 'own_usd' | 'shared_out_usd' | 'shared_in_usd' | 'total_usd'): bigint =>
    answer.rows.reduce((all, row) => all + usd(row[name]), 0n);
  expect([column('own_usd'), column('total_usd'), column('shared_in_usd') - column('shared_out_usd')]).toEqual([whole, whole, 0n]);
  for (const team of ['search', 'data', 'old', 'platform', ''])
    expect(answer.rows.filter((row) => row.team === (team || 'unallocated')).reduce((all, row) => all + usd(row.own_usd), 0n)).toBe(
      sum(entries.filter(({ dimensions }) => (dimensions.team ?? '') === team)),
    );
  expect(answer.shared.map(({ name }) => name).toSorted()).toEqual(['ci', 'platform', 'tools']);
  for (const { name, cost_usd, parts } of answer.shared) {
    const own = weights[name] ?? {};
    const total = Object.values(own).reduce((all, weight) => all + weight, 0n);
    expect(usd(cost_usd)).toBe(pools[name]);
    expect(parts.reduce((all, part) => all + usd(part.cost_usd), 0n)).toBe(pools[name]);
    for (const { team, cost_usd: part } of parts) {
      const off = usd(part) * total - (pools[name] ?? 0n) * (own[team] ?? 0n);
      expect(off > -total && off < total).toBe(true);
    }
  }
  expect(answer.rows.find(({ team }) => team === 'platform')).toMatchObject({ total_usd: '0.00' });
  expect(answer.rows.find(({ team }) => team === 'new')).toMatchObject({ own_usd: '0.00', cost_center: 'unallocated' });
  const both = await questioned.put(CHARGEBACK, 'from=2026-10-01&to=2026-12-01');
  const november = await questioned.put(CHARGEBACK, 'month=2026-11');
  expect(usd(both.cost_usd)).toBe(whole + usd(november.cost_usd));
  expect(both.rows.reduce((all, row) => all + usd(row.total_usd), 0n)).toBe(usd(both.cost_usd));
  expect(both.shared.reduce((all, one) => all + usd(one.cost_usd), 0n)).toBe(answer.shared.reduce((all, one) => all + usd(one.cost_usd), 0n));
  const scope = [{ dimension: 'team' as const, values: ['search'] }] as const;
  await expect(questioned.put(CHARGEBACK, '', { scope })).rejects.toThrow('see the whole ledger');
});

test('a team that comes to nothing, and shares some of it, is a row, too: the rows come to what was booked', async () => {
  questioned = await openQuestioned(NOW, { directory: { shared_costs: [{ name: 'tools', workspace: 'tools', split: 'spend' }] } });
  await questioned.append(
    event({ id: '1', sessionId: 's1', timeMs: NOW - 1_000, team: 'platform', cost: '5.00', dimensions: { workspace: 'tools' } }),
    adjustment({ id: '2', sessionId: '', timeMs: NOW - 1_000, team: 'platform', cost: '-5.00', dimensions: { workspace: 'web' } }),
    event({ id: '3', sessionId: 's3', timeMs: NOW - 1_000, team: 'search', cost: '7.00', dimensions: { workspace: 'web' } }),
  );
  const { cost_usd, rows } = await questioned.put(CHARGEBACK);
  expect(cost_usd).toBe('7.00');
  expect(rows.map(({ team, total_usd }) => [team, total_usd])).toEqual([
    ['platform', '-5.00'],
    ['search', '12.00'],
  ]);
});

test.each([
  { split: 'spend', among: ['Search'] },
  { split: 'heads', among: ['SEARCH'] },
  { split: 'fixed', shares: { Search: 1, search: 2 } },
])('teams of a rule are found in any capitals: %j', async (rule) => {
  questioned = await openQuestioned(NOW, { directory: { shared_costs: [{ name: 'platform', team: 'platform', ...rule }] } });
  await questioned.append(
    event({ id: '1', sessionId: 's1', timeMs: NOW - 1_000, team: 'platform', cost: '5.00' }),
    event({ id: '2', sessionId: 's2', timeMs: NOW - 1_000, team: 'search', cost: '7.00' }),
  );
  const { rows, shared } = await questioned.put(CHARGEBACK);
  expect(shared).toMatchObject([{ is_split: true, parts: [{ team: 'search', cost_usd: '5.00' }] }]);
  expect(rows).toMatchObject([
    { team: 'platform', total_usd: '0.00' },
    { team: 'search', shared_in_usd: '5.00', total_usd: '12.00' },
  ]);
});

test('heads are all who sent anything, also what cost nothing, however many they are', async () => {
  questioned = await openQuestioned(NOW, {
    directory: { shared_costs: [{ name: 'platform', team: 'platform', split: 'heads' }] },
    limits: { query_rows: 3 },
  });
  const sent = (user: string, team: string, cost: string) => event({ id: user, sessionId: user, timeMs: NOW - 1_000, user, team, cost });
  await questioned.append(...[sent('pat', 'platform', '9.00'), sent('ada', 'data', '1.00'), sent('bob', 'data', '0'), sent('cy', 'search', '2.00')]);
  const { shared } = await questioned.put(CHARGEBACK);
  expect(shared[0]?.parts).toEqual([
    { team: 'data', cost_usd: '6.00' },
    { team: 'search', cost_usd: '3.00' },
  ]);
});

test('what nobody is there to take stays where it is booked', async () => {
  questioned = await openQuestioned(NOW, { directory: { shared_costs: [{ name: 'platform', team: 'platform', split: 'spend' }] } });
  await questioned.append(event({ id: '1', timeMs: NOW - 1_000, team: 'platform', cost: '5.00' }));
  const answer = await questioned.put(CHARGEBACK);
  expect(answer).toMatchObject({ rows: [{ team: 'platform', shared_out_usd: '0.00', total_usd: '5.00' }], shared: [{ is_split: false, parts: [] }] });
});

test.each([
  [{ split: 'spend', among: ['Search', 'DATA'] }, '75.00', '25.00'],
  [{ split: 'heads', among: ['Search', 'data'] }, '50.00', '50.00'],
  [{ split: 'fixed', shares: { Search: 60, data: 40 } }, '60.00', '40.00'],
  [{ split: 'fixed', shares: { Search: 30, SEARCH: 30, data: 40 } }, '60.00', '40.00'],
])('%j finds its teams in any capitals', async (rule, search, data) => {
  questioned = await openQuestioned(NOW, { directory: { shared_costs: [{ name: 'ci', team: 'CI', ...rule }] } });
  const booked = (team: string, cost: string, atMs = NOW - 1_000) =>
    event({
      id: `${team} ${atMs}`,
      sessionId: team,
      timeMs: atMs,
      team,
      user: `${team}@example.com`,
      cost,
      dimensions: { cost_center: `cc-${team}` },
    });
  await questioned.append(booked('ci', '100'), booked('search', '300'), booked('data', '100'));
  const { rows, shared, findings } = await questioned.put(CHARGEBACK);
  expect(shared[0]?.parts).toEqual([
    { team: 'data', cost_usd: data },
    { team: 'search', cost_usd: search },
  ]);
  expect(rows.map(({ team, cost_center, shared_in_usd }) => [team, cost_center, shared_in_usd])).toEqual([
    ['ci', 'cc-ci', '0.00'],
    ['data', 'cc-data', data],
    ['search', 'cc-search', search],
  ]);
  expect(findings).toEqual([]);
});

test('a team that a shared cost names is spelt as in other months, else as in the directory, and is a finding where nothing knows it', async () => {
  const shares = { SEARCH: 1, lab: 1, serach: 2 };
  questioned = await openQuestioned(NOW, {
    attribution: { directory_file: file },
    directory: { shared_costs: [{ name: 'ci', team: 'ci', split: 'fixed', shares }] },
  });
  await questioned.append(
    event({ id: 'ci', sessionId: 'ci', timeMs: NOW - 1_000, team: 'ci', cost: '100' }),
    event({ id: 'october', sessionId: 'october', timeMs: OCTOBER, team: 'search', cost: '1' }),
  );
  const { rows, findings } = await questioned.put(CHARGEBACK);
  expect(rows.map(({ team, cost_center, shared_in_usd }) => [cost_center, team, shared_in_usd])).toEqual([
    ['unallocated', 'ci', '0.00'],
    ['unallocated', 'search', '25.00'],
    ['unallocated', 'serach', '50.00'],
    ['cc-lab', 'Lab', '25.00'],
  ]);
  expect(findings).toMatchObject([{ code: 'shared_cost_team_unknown', message: expect.stringContaining('"serach"') }]);
  expect(findings[0]?.message).toContain('did you mean "search"?');
});

test.each([
  [{ name: 'a', split: 'spend' }, 'exactly one of team, workspace and job'],
  [{ name: 'a', team: 'x', split: 'fixed' }, 'has shares where split is fixed'],
  [{ name: 'a', team: 'x', split: 'heads', shares: { y: 1 } }, 'has shares where split is fixed'],
  [{ name: 'a', team: 'x', split: 'fixed', shares: { y: 1 }, among: ['z'] }, 'among, which is for heads and spend'],
])('%j should be refused', (cost, message) => {
  expect(() => configSchema.parse({ directory: { shared_costs: [cost] } })).toThrow(message);
});
