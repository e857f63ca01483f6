/** A whole collector to which the first requests of a new model come. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import type { WholeStatus } from '../../collector/query/status.ts';
import { outcome, printed } from '../cli/command.ts';
import { startWithTokens, type TokenCollector } from './tokens.ts';

let data = '';
let running: TokenCollector | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});
afterAll(() => rm(data, { recursive: true, force: true }));

const RATES = { input: 3.2, output: 16, read: 0.08, write5m: 4, write1h: 6.4 };
const FALLBACK = { input: 5, output: 25, read: 0.5, write5m: 6.25, write1h: 10 };

function requestOf(model: string, index: number, rates: typeof RATES): object {
  const mixed = (prime: number, below: number): number => 1 + ((index * index * prime + index * 61) % below);
  const [input, output, read, write5m, write1h] = [mixed(7, 311), mixed(137, 911), mixed(7_919, 90_001), mixed(313, 2_003), mixed(97, 501)];
  const usd = (input * rates.input + output * rates.output + read * rates.read + write5m * rates.write5m + write1h * rates.write1h) / 1e6;
  const whole = (key: string, intValue: number) => ({ key, value: { intValue } });
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const attributes = [
    ...[text('event.name', 'api_request'), text('session.id', 's'), text('request_id', `${model} ${index}`), text('model', model)],
    { key: 'cost_usd', value: { doubleValue: usd } },
    ...[
      whole('input_tokens', input),
      whole('output_tokens', output),
      whole('cache_read_tokens', read),
      whole('cache_creation_tokens', write5m + write1h),
    ],
    ...[whole('cache_creation_5m_tokens', write5m), whole('cache_creation_1h_tokens', write1h)],
  ];
  const record = { timeUnixNano: `${Date.now()}000000`, body: { stringValue: 'claude_code.api_request' }, attributes };
  const scope = { name: 'com.anthropic.claude_code.events', version: '2.1.340' };
  const resource = { attributes: [text('service.name', 'claude-code')] };
  return { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record] }] }] };
}

test('learns its price from what clients charge, says so, keeps it, and is loud about what is no price', async () => {
  data = await mkdtemp(join(tmpdir(), 'ledgerline-learnt-'));
  running = await startWithTokens({ a: {} }, { data });
  for (let index = 1; index <= 8; index++) await running.send('a', requestOf('claude-opus-9', index, RATES));
  const before = await running.spend('model', 'unpriced_tokens,cost_list');
  for (let index = 9; index <= 20; index++) await running.send('a', requestOf('claude-opus-9', index, RATES));
  const after = await running.spend('model', 'unpriced_tokens,cost_list');
  // The first seven were booked before it was known: five unknown rates, and three requests that agree with them.
  expect(after['claude-opus-9']?.split(',')[0]).toBe(before['claude-opus-9']?.split(',')[0]);
  expect(Number(after['claude-opus-9']?.split(',')[1])).toBeGreaterThan(Number(before['claude-opus-9']?.split(',')[1]));
  for (let index = 1; index <= 12; index++) await running.send('a', requestOf('claude-opus-10', index, FALLBACK));
  const { findings } = await running.get<WholeStatus>('status');
  expect(findings.find(({ code }) => code === 'unpriced_tokens')?.message).toContain('claude-opus-10');
  await running.stop();
  running = undefined;

  const shown = await printed(['prices', 'show', 'claude-opus-9', '--data', data], { now: Date.now() });
  expect(shown).toMatch(/learnt\s+learnt: what clients charged/);
  expect(shown).toMatch(/normal\s+20\s+0\s.*2\.1\.340/);
  const checked = await outcome(['prices', 'check', '--data', data], { now: Date.now() });
  expect(checked.code).toBe(1);
  expect(checked.text).toContain('claude-opus-9: no table has it; its price is learnt from 20 requests.');
  expect(checked.text).toMatch(
    /claude-opus-10: [\d,]+ tokens have no list price\. Claude Code 2\.1\.340 charged 12 requests of it at the price for models/,
  );
});

test('prices nothing by what was learnt once that is switched off', async () => {
  running = await startWithTokens({ a: {} }, { data, prices: { learn: false } });
  const { findings } = await running.get<WholeStatus>('status');
  expect(findings.find(({ code }) => code === 'unpriced_tokens')?.message).toContain('claude-opus-9');
  await running.stop();
  running = undefined;

  const off = { now: Date.now(), env: { LEDGERLINE_PRICES_LEARN: 'false' } };
  await expect(printed(['prices', 'show', 'claude-opus-9', '--data', data], off)).rejects.toThrow('claude-opus-9 has no price');
  expect((await outcome(['prices', 'check', '--data', data], off)).text).toMatch(/claude-opus-9: [\d,]+ tokens have no list price\.$/m);
  const on = await printed(['prices', 'show', 'claude-opus-9', '--data', data], { now: Date.now() });
  expect(on).toContain('learnt');
});

test('learns nothing where that is switched off', async () => {
  running = await startWithTokens({ a: {} }, { prices: { learn: false } });
  for (let index = 1; index <= 15; index++) await running.send('a', requestOf('claude-opus-9', index, RATES));
  expect(await running.spend('model', 'unpriced_tokens,requests')).toEqual({ 'claude-opus-9': expect.stringMatching(/^\d{5,},15$/) });
});
