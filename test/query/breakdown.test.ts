import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DimensionName } from '../../collector/catalog/measures.ts';
import type { ReadScope } from '../../collector/catalog/read-scope.ts';
import type { Filter } from '../../collector/catalog/values.ts';
import { showValue } from '../../collector/catalog/values.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { BREAKDOWN, type BreakdownAnswer } from '../../collector/query/breakdown.ts';
import { seededRandom } from '../support/random.ts';
import { openQuestioned, type Questioned } from './put-question.ts';
import { among, amountOf, costOf, pico, randomEntries, TOKENS } from './random-entries.ts';

const ZONE = 'Europe/Berlin';
const at = (local: string, zone = ZONE): number => Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds;
const range = (from: string, to: string, zone = ZONE) => ({ fromMs: at(from, zone), toMs: at(to, zone) });
const NOW = at('2026-11-20T15:20');
const entries = randomEntries(seededRandom('breakdown'), { count: 2_000, fromMs: at('2026-08-20'), toMs: NOW });

let questioned: Questioned;
beforeAll(async () => {
  questioned = await openQuestioned(NOW, { timezone: ZONE });
  await questioned.append(...entries);
});
afterAll(() => questioned.close());

const breakdown = (words: string, scope: ReadScope = 'all'): Promise<BreakdownAnswer> => questioned.put(BREAKDOWN, words, { scope });
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, amount) => all + amount, 0n);

interface Case {
  readonly words: string;
  readonly by: readonly DimensionName[];
  readonly limit?: number;
  readonly scope?: ReadScope;
  readonly where?: readonly Filter[];
  readonly now: { fromMs: number; toMs: number };
  readonly before: { fromMs: number; toMs: number };
}

const running = { now: range('2026-11-01', '2026-12-01'), before: { fromMs: at('2026-10-01'), toMs: at('2026-10-20T15:15') } };
const october = { now: range('2026-10-01', '2026-11-01'), before: range('2026-09-01', '2026-10-01') };
const web = { dimension: 'workspace', values: ['web', 'api'] } as const;
const CASES: readonly (readonly [string, Case])[] = [
  ['the current month by team', { words: '', by: ['team'], ...running }],
  ['October by feature', { words: 'by=feature&month=2026-10', by: ['query_source_detail'], ...october }],
  ['October by user and model, beyond the limit', { words: 'by=user,model&month=2026-10&limit=7', by: ['user', 'model'], limit: 7, ...october }],
  [
    'a day of another zone',
    {
      words: 'by=models&period=2026-11-01&tz=America/New_York',
      by: ['model'],
      now: range('2026-11-01', '2026-11-02', 'America/New_York'),
      before: range('2026-10-31', '2026-11-01', 'America/New_York'),
    },
  ],
  ['what a filter leaves', { words: 'by=user&month=2026-10&where=workspace:web&where=workspace:api', by: ['user'], where: [web], ...october }],
  ['what a reader may see', { words: 'by=workspace&month=2026-10', by: ['workspace'], scope: [web], where: [web], ...october }],
];

describe.each(CASES)('a breakdown of %s', (_, { words, by, limit = 20, scope = 'all', where = [], now, before }) => {
  let answer: BreakdownAnswer;
  const [current, past] = [among(entries, now, where), among(entries, before, where)];
  const keyOf = ({ dimensions }: Entry): string => by.map((name) => showValue(name, dimensions[name] ?? '')).join('|');
  const [is, was] = [Map.groupBy(current, keyOf), Map.groupBy(past, keyOf)];
  beforeAll(async () => {
    answer = await breakdown(words, scope);
  });

  test('should have a row for each value, the most expensive first', () => {
    expect(answer.by).toEqual(by);
    const oracle = [...new Set([...is.keys(), ...was.keys()])]
      .map((key) => ({ key, cost: costOf(is.get(key) ?? []), before: costOf(was.get(key) ?? []) }))
      .sort((a, b) => (a.cost === b.cost ? (a.before < b.before ? 1 : -1) : a.cost < b.cost ? 1 : -1));
    expect(
      answer.rows.map(({ values, cost_usd, before_usd, change_usd }) => ({
        key: by.map((name) => values[name]).join('|'),
        ...{ cost: pico(cost_usd), before: pico(before_usd), change: pico(change_usd) },
      })),
    ).toEqual(oracle.slice(0, limit).map((one) => ({ ...one, change: one.cost - one.before })));
    expect(answer.others?.count ?? 0).toBe(Math.max(0, oracle.length - limit));
  });

  test('should have figures of their entries', () => {
    for (const row of answer.rows) {
      const own = is.get(by.map((name) => row.values[name]).join('|')) ?? [];
      expect([row.requests, row.tokens]).toEqual([own.length, Number(amountOf(own, ...TOKENS))]);
      expect(row.cost_usd_per_request === null ? null : pico(row.cost_usd_per_request)).toBe(
        own.length === 0 ? null : costOf(own) / BigInt(own.length),
      );
      expect(row.share).toBeCloseTo(Number(costOf(own)) / Number(costOf(current)), 5);
      expect(pico(row.cache_savings_usd)).toBe(amountOf(own, 'cost_list_uncached') - sum(own.map(({ listCost }) => listCost)));
    }
  });

  test('should add up to the total, with the others', () => {
    const parts = [...answer.rows, ...(answer.others === null ? [] : [answer.others])];
    for (const field of ['cost_usd', 'before_usd', 'change_usd', 'cache_savings_usd'] as const)
      expect(sum(parts.map((part) => pico(part[field])))).toBe(pico(answer.total[field]));
    expect([pico(answer.total.cost_usd), pico(answer.total.before_usd)]).toEqual([costOf(current), costOf(past)]);
    expect(parts.reduce((all, { requests }) => all + Number(requests), 0)).toBe(current.length);
  });

  test('should show what has no value, wherever it stands', () => {
    const [first = 'team'] = by;
    expect(answer.absent.value).toBe(showValue(first, ''));
    expect(pico(answer.absent.cost_usd)).toBe(costOf(current.filter(({ dimensions }) => dimensions[first] === undefined)));
  });
});

describe('a breakdown', () => {
  test('should compare with nothing that the ledger does not cover', async () => {
    const { rows, total } = await breakdown('month=2026-09');
    expect([total.before_usd, total.change_usd, rows[0]?.change_ratio]).toEqual([null, null, null]);
  });

  test('as CSV should have the others as a row', async () => {
    const { asked, answer } = await BREAKDOWN.respond({ parameters: new URLSearchParams('by=user,model&limit=1') }, questioned.asking);
    const lines = [...(BREAKDOWN.csv?.(asked, answer) ?? [])].join('').trim().split('\r\n');
    expect(lines[0]).toMatch(/^user,model,share,cost_usd,requests,tokens,/);
    expect([lines.length, lines[2]?.startsWith('(others),(others),')]).toEqual([3, true]);
  });

  test.each([
    ['by=featuer', 'by=featuer is not a dimension', 'Did you mean "feature"?'],
    ['by=team,user,model,os', 'names 4 dimensions', 'at most 3'],
    ['limit=5000', 'limit=5000', 'from 1 to 1000'],
    ['format=xml', 'format=xml', 'json, csv'],
  ])('should refuse %s', async (words, message, hint) => {
    await expect(breakdown(words)).rejects.toMatchObject({ message: expect.stringContaining(message), hint: expect.stringContaining(hint) });
  });
});

describe.each([
  ['feature:compact', 'query_source_detail:compact'],
  ['developer:ada@example.com', 'user:ada@example.com'],
  ['Workspaces:web', 'workspace:web'],
])('a filter by a dimension under another word: %s', (alias, name) => {
  test('should be that of its real name', async () => {
    const [aliased, named] = [
      await breakdown(`by=workspace&month=2026-10&where=${alias}`),
      await breakdown(`by=workspace&month=2026-10&where=${name}`),
    ];
    expect(named.rows.length).toBeGreaterThan(0);
    expect(aliased).toEqual(named);
  });
});
