/** Every line that a developer sees, whole: with and without a collector, with what is missing, late or used up, narrow and in color. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { expectGolden } from '../../support/golden.ts';
import { type StandIn, standIn } from './stand-in.ts';
import { answerOf, budget, draw, inputOf, type Json, LIMITS, removeScript, SPEND_LIMIT, StatuslineCache, SURROUNDINGS } from './statusline.ts';

let collector: StandIn;
beforeAll(async () => {
  collector = await standIn();
});
afterAll(async () => {
  await collector.stop();
  removeScript();
});
/** Each line has its own: a question that is still under way does not answer for the next. */
const caches: StatuslineCache[] = [];
afterEach(() => {
  for (const cache of caches.splice(0)) cache.remove();
});

interface Case {
  /** Replaces what the client's sample has. */
  readonly input?: Json;
  /** Of the collector; without it, none is set up. */
  readonly answer?: string;
  /** Seconds. */
  readonly age?: number;
  readonly format?: string;
  readonly width?: number;
  /** Without it there are no colors. */
  readonly colors?: true;
}

const limits = (more: Json = {}): Json => ({ rate_limits: { ...LIMITS(), ...more } });
const ALL =
  '{model} {effort} {version} | {session_usd} {duration} {lines} {repo} {session_name} | {context_percent} {context_tokens} | {today_usd} | ' +
  '{budget_name} {budget_left} {budget_spent} {budget_amount} {budget_used_percent} {budget_ends} {age} {user} {team} | ' +
  '{five_hour} {five_hour_percent} / {seven_day} {seven_day_percent} / {spend_limit} {spend_limit_percent} / {resets}';
const TOKENS = budget({
  key: 'tokens/ada@example.com',
  shared: false,
  unit: 'tokens',
  limit: 5_000_000,
  spent: 3_750_000,
  remaining: 1_250_000,
  used_ratio: 0.75,
});

const CASES = (): Readonly<Record<string, Case>> => ({
  'with a collector': { answer: answerOf() },
  'three minutes old': { answer: answerOf(), age: 200 },
  'an hour old': { answer: answerOf(), age: 3590 },
  'too old': { answer: answerOf(), age: 3600 },
  'too old, with limits of the client': { answer: answerOf(), age: 3600, input: limits() },
  'after the day has ended': { answer: answerOf({ today_ends_in: 100 }), age: 101 },
  "after the budget's period has ended": { answer: answerOf(budget({ ends_in: 100 })), age: 101 },
  'no budget': { answer: answerOf({ budget: null }) },
  'no budget, three minutes old': { answer: answerOf({ budget: null }), age: 200 },
  'no record of the user': { answer: answerOf({ today_usd: null, budget: null }), input: limits() },
  'nothing spent today': { answer: answerOf({ today_usd: '0.00' }) },
  'less than a cent': { answer: answerOf({ today_usd: '0.000012' }), input: { cost: { total_cost_usd: 0.0038785 } } },
  'large amounts': { answer: answerOf({ today_usd: '1234567.891', ...budget({ remaining: '12345.678' }) }) },
  'an amount of one user': { answer: answerOf(budget({ key: 'each/ada@example.com', shared: false })) },
  'the name of a budget with a slash': { answer: answerOf(budget({ key: 'labs/ada' })) },
  'used up': { answer: answerOf(budget({ remaining: '0.00', used_ratio: 1 })) },
  overspent: { answer: answerOf(budget({ remaining: '-2.50', used_ratio: 1.025 })) },
  stopped: { answer: answerOf(budget({ remaining: '-2.50', used_ratio: 1.025, stopped: true })) },
  'stopped, in color': { answer: answerOf(budget({ remaining: '-2.50', used_ratio: 1.025, stopped: true })), colors: true },
  'nearly used up, in color': { answer: answerOf(budget({ remaining: '0.29', used_ratio: 0.9997 })), colors: true },
  'an amount of nothing, in color': { answer: answerOf(budget({ remaining: '-1.00', used_ratio: null })), colors: true },
  'in color': { answer: answerOf(), age: 200, colors: true, input: { context_window: { used_percentage: 83 } } },
  tokens: { answer: answerOf(TOKENS) },
  'letters of the world': { answer: answerOf(budget({ key: 'équipe données 研究室' })), input: { model: { display_name: 'Opus 5.5 ✳' } } },
  'a long name': { answer: answerOf(budget({ key: 'the budget of all who look after the invoices of the platform' })) },
  'a long name of wide letters': { answer: answerOf(budget({ key: '研究室研究室研究室研究室研究室研究室' })) },
  '80 columns': { answer: answerOf(), width: 80 },
  '70 columns': { answer: answerOf(), width: 70 },
  '50 columns': { answer: answerOf(), width: 50 },
  '30 columns': { answer: answerOf(), width: 30 },
  '20 columns': { answer: answerOf(), width: 20 },
  '50 columns, in color': { answer: answerOf(budget({ used_ratio: 0.9 })), width: 50, colors: true },
  'no collector': { input: limits() },
  'no collector, in color': { input: limits({ five_hour: { used_percentage: 100 } }), colors: true },
  'no collector, a gateway': { input: { rate_limits: SPEND_LIMIT() } },
  'no collector, a gateway that says less': { input: { rate_limits: { spend_limit: { used_percentage: 63 } } } },
  'no collector, all limits': { input: limits(SPEND_LIMIT()) },
  'no collector, all limits, 120 columns': { input: limits(SPEND_LIMIT()), width: 120 },
  'no collector, all limits, 60 columns': { input: limits(SPEND_LIMIT()), width: 60 },
  'no collector, a window that has begun anew': { input: limits({ five_hour: { used_percentage: 99, resets_at: 1_795_900_000 } }) },
  'no collector, no limits': {},
  'before the first answer of the model': { input: { cost: { total_cost_usd: 0 }, context_window: { used_percentage: null, current_usage: null } } },
  'a model without a name': { input: { model: { id: 'claude-opus-5-5' } } },
  'an old client': { input: { cost: undefined, context_window: undefined, effort: undefined, workspace: {} } },
  'all fields': { answer: answerOf(), input: { ...limits(SPEND_LIMIT()), session_name: 'Tidy up' }, format: ALL },
  'all fields of tokens': { answer: answerOf(TOKENS), format: '{budget_name}: {budget_left} of {budget_amount}, {budget_spent} spent' },
  'all fields, nothing known': {
    input: { model: undefined, cost: {}, effort: {}, version: 1, workspace: {}, context_window: {} },
    format: `all: | ${ALL}`,
  },
  'a template with words': { answer: answerOf(), format: '[{model}] costs {session_usd} | left: {budget_left} | 5h: {five_hour_percent}' },
  'a template without fields': { format: 'Ask #ai-budget' },
  'a field that there is not': { format: '{model} | {bugdet} | {context}' },
  'part of a separator': { format: '{model}|{context_percent}/{repo}' },
});

async function lineOf({ input = {}, answer, age = 0, format, width, colors }: Case, more: object = {}): Promise<string> {
  const args = [...(format === undefined ? [] : ['--format', format]), ...(width === undefined ? [] : [`--width=${width}`])];
  const cache = new StatuslineCache();
  caches.push(cache);
  const env = {
    ...{ TERM: 'xterm-256color', LEDGERLINE_CACHE_DIR: cache.folder, ...(colors === undefined && { NO_COLOR: '1' }) },
    ...(answer !== undefined && { LEDGERLINE_URL: collector.url, LEDGERLINE_TOKEN: 'll_token' }),
  };
  const drawn = { args, env, ...more };
  if (answer !== undefined) {
    collector.reply = { body: answer };
    await draw(inputOf(), drawn);
    await cache.arrived();
    cache.age(age);
    // Only what is kept is shown from here on.
    collector.reply = { status: 503 };
  }
  const { out, err, code } = await draw(inputOf(input), drawn);
  expect([err, code]).toEqual(['', 0]);
  expect(out).toMatch(/^[^\n]+\n$/);
  return out.trimEnd().replaceAll('\x1b', '␛');
}

test('each line is as reviewed', async () => {
  const lines: string[] = [];
  // Made anew for each: what is left of a window is counted from now.
  for (const name of Object.keys(CASES())) lines.push(`${name}:`, `    ${await lineOf(CASES()[name] ?? {})}`);
  expectGolden(join(import.meta.dirname, 'golden/statusline-lines.txt'), `${lines.join('\n')}\n`);
});

const VARIED = [
  'with a collector',
  'stopped, in color',
  'letters of the world',
  'a long name of wide letters',
  '50 columns',
  'no collector, all limits',
  'all fields',
];

describe.each(SURROUNDINGS)('in %s', (_, inside) => {
  test.each(VARIED)('%s: the same line', async (name) => {
    const [one, other] = [await lineOf(CASES()[name] ?? {}, inside), await lineOf(CASES()[name] ?? {})];
    expect(one).toBe(other);
  });
});
