/** Analyses of generated questions: zones, days on which a clock changes, filters, scopes. All agree with each other, with spend, and with the entries. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DimensionName } from '../../collector/catalog/measures.ts';
import type { ReadScope, ScopeFilter } from '../../collector/catalog/read-scope.ts';
import { type Filter, showValue } from '../../collector/catalog/values.ts';
import { ANALYZE } from '../../collector/query/analyze.ts';
import { BREAKDOWN } from '../../collector/query/breakdown.ts';
import { COMPARE } from '../../collector/query/compare.ts';
import type { Question } from '../../collector/query/question.ts';
import { SPEND } from '../../collector/query/spend.ts';
import { TREND } from '../../collector/query/trend.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { openQuestioned, type Questioned } from './put-question.ts';
import { among, amountOf, costOf, grouped, pico, randomEntries, TOKENS } from './random-entries.ts';

const QUESTIONS_EACH = Number(process.env.LEDGERLINE_TEST_QUESTIONS ?? 60);
const LEDGER_ZONE = 'Europe/Berlin';
/** Half hours, quarters of an hour, and clocks that change by half an hour or at midnight. */
const ZONES = [LEDGER_ZONE, 'UTC', 'Asia/Kolkata', 'Asia/Kathmandu', 'America/New_York', 'Australia/Lord_Howe', 'America/Santiago', 'Africa/Cairo'];
const NOW = Date.parse('2026-11-20T14:20:00Z');
const FIRST = Date.parse('2026-08-25T00:00:00Z');
const DIMENSIONS = ['team', 'user', 'model', 'workspace', 'query_source_detail'] as const satisfies readonly DimensionName[];
const SCOPES = ['team', 'user', 'workspace'] as const;

const random = seededRandom('analyses agree');
const entries = randomEntries(random, { count: 1_200, fromMs: FIRST, toMs: NOW });

let questioned: Questioned;
beforeAll(async () => {
  questioned = await openQuestioned(NOW, { timezone: LEDGER_ZONE });
  await questioned.append(...entries);
});
afterAll(() => questioned.close());

interface Asked {
  readonly words: string;
  readonly scope: ReadScope;
  /** Filters and scope together. */
  readonly where: readonly Filter[];
  readonly range: { readonly fromMs: number; readonly toMs: number };
}

const valuesOf = (dimension: DimensionName): string[] => [...new Set(entries.map(({ dimensions }) => dimensions[dimension] ?? ''))];

function generated(random: Random): Asked {
  const zone = random.pick(ZONES);
  // Days around those on which a clock changes, as often as others.
  const start = random.chance(0.5) ? random.pick(['2026-09-05', '2026-10-03', '2026-10-24', '2026-10-29', '2026-10-31']) : undefined;
  const from = start === undefined ? Temporal.PlainDate.from('2026-08-28').add({ days: random.below(80) }) : Temporal.PlainDate.from(start);
  const to = from.add({ days: 1 + random.below(20) });
  const at = (date: Temporal.PlainDate): number => date.toZonedDateTime(zone).epochMilliseconds;
  const parameters = new URLSearchParams({ from: from.toString(), to: to.toString(), tz: zone });
  const filters: Filter[] = random.chance(0.4) ? [filterOf(random, random.pick(DIMENSIONS))] : [];
  for (const { dimension, values } of filters) for (const value of values) parameters.append('where', `${dimension}:${showValue(dimension, value)}`);
  const scoped: readonly ScopeFilter[] = random.chance(0.4) ? [filterOf(random, random.pick(SCOPES))] : [];
  const [only] = scoped;
  return {
    words: parameters.toString(),
    scope: only === undefined ? 'all' : [only],
    where: [...filters, ...scoped],
    range: { fromMs: at(from), toMs: at(to) },
  };
}

function filterOf<Name extends DimensionName>(random: Random, dimension: Name): { readonly dimension: Name; readonly values: readonly string[] } {
  const values = random.shuffle(valuesOf(dimension));
  return { dimension, values: values.slice(0, 1 + random.below(2)) };
}

const questions = Array.from({ length: QUESTIONS_EACH }, () => generated(random));
const put = <Answer>(question: Question<unknown, Answer>, { words, scope }: Asked, more = ''): Promise<Answer> =>
  questioned.put(question, `${words}${more}`, { scope });
const sum = (amounts: readonly (string | null | undefined)[]): bigint => amounts.reduce((all, amount) => all + pico(amount), 0n);

describe('generated analyses', () => {
  test('of the same time all say the same, and it is what the entries say', async () => {
    for (const asked of questions) {
      const own = among(entries, asked.range, asked.where);
      const dimension = random.pick(DIMENSIONS);
      const [analysis, trend, breakdown, comparison, spend] = [
        await put(ANALYZE, asked),
        await put(TREND, asked, `&grain=${random.pick(['day', 'week', 'month'])}&by=${dimension}`),
        await put(BREAKDOWN, asked, `&by=${dimension}&limit=${1 + random.below(6)}`),
        await put(COMPARE, asked, `&by=${dimension}&values=all&limit=50`),
        await put(SPEND, asked, `&by=${dimension}`),
      ];
      const expected = { cost: costOf(own), tokens: Number(amountOf(own, ...TOKENS)), requests: own.length };
      const total = (cost: string | null | undefined) => ({ ...expected, cost: pico(cost) });
      const context = { words: asked.words, scope: JSON.stringify(asked.scope) };
      expect({ ...context, ...total(analysis.cost_usd) }).toEqual({ ...context, ...expected });
      expect({ tokens: analysis.tokens, requests: analysis.requests }).toEqual({ tokens: expected.tokens, requests: expected.requests });
      expect({ ...context, ...total(String(trend.total)) }).toEqual({ ...context, ...expected });
      expect({ ...context, ...total(breakdown.total.cost_usd) }).toEqual({ ...context, ...expected });
      expect({ ...context, ...total(comparison.total?.cost_usd) }).toEqual({ ...context, ...expected });
      expect({ ...context, ...total(String(spend.total)) }).toEqual({ ...context, ...expected });
      // Parts add up, and what was covered before is compared alike.
      expect(sum(trend.points.map(({ value }) => (value === null ? null : String(value))))).toBe(expected.cost);
      expect(sum([...breakdown.rows, ...(breakdown.others === null ? [] : [breakdown.others])].map(({ cost_usd }) => cost_usd))).toBe(expected.cost);
      expect(sum(comparison.items.map(({ cost_usd }) => cost_usd))).toBe(expected.cost);
      expect([trend.before, breakdown.total.before_usd]).toEqual([analysis.before.compared_usd, analysis.before.compared_usd]);
      if (analysis.change !== null) {
        const { volume_usd, model_mix_usd, token_mix_usd, price_usd } = analysis.change.effects;
        expect(sum([volume_usd, model_mix_usd, token_mix_usd, price_usd])).toBe(pico(analysis.change.change_usd));
      }
      // Nobody sees a value beyond the scope; models that nobody used are there for their price.
      const seen = new Set(
        [...grouped(among(entries, { fromMs: 0, toMs: NOW }, asked.where), dimension).keys()].map((value) => showValue(dimension, value)),
      );
      const shown = [
        ...breakdown.rows.map(({ values }) => values[dimension] ?? ''),
        ...comparison.items.filter(({ requests }) => requests !== 0).map(({ name }) => name),
        ...trend.series.map(({ value }) => value),
      ];
      expect(shown.filter((value) => !seen.has(value))).toEqual([]);
    }
  });
});
