import { describe, expect, test } from '@jest/globals';
import type { Dimensions } from '../../../collector/catalog/measures.ts';
import { parseUsd } from '../../../collector/core/money.ts';
import { EVENTS } from '../../../collector/ingest/claude-code/events.ts';
import type { Amounts } from '../../../collector/ledger/entry.ts';
import { createTestInterpreter, eventRecord, interpretEvent, logsExport, onlyUsage, type Plain, RECEIVED_MS, SESSION, TIME_MS } from './support.ts';

const REQUEST: Plain = {
  model: 'claude-sonnet-4-5-20250929',
  input_tokens: 12,
  output_tokens: 431,
  cache_read_tokens: 51_200,
  cache_creation_tokens: 1_570,
  cache_creation_5m_tokens: 1_000,
  cache_creation_1h_tokens: 570,
  cost_usd: 0.018499,
  cost_usd_micros: 18_499,
  duration_ms: 1_200,
  ttft_ms: 300,
  request_id: 'req_1',
  speed: 'normal',
  query_source: 'repl_main_thread',
  effort: 'high',
};

const REQUEST_AMOUNTS = {
  requests: 1,
  input_tokens: 12,
  output_tokens: 431,
  cache_read_tokens: 51_200,
  cache_creation_tokens: 1_570,
  cache_creation_1h_tokens: 570,
  api_duration_ms: 1_200,
  ttft_ms: 300,
  ttft_requests: 1,
};

const asStrings = (plain: Plain): Plain => Object.fromEntries(Object.entries(plain).map(([key, value]) => [key, String(value)]));

describe('an api_request event', () => {
  test.each([
    ['numbers', REQUEST],
    ['strings, as up to 2.1.121', asStrings(REQUEST)],
  ])('should be read from %s', (_name, attributes) => {
    const usage = onlyUsage(interpretEvent('api_request', attributes));
    expect(usage).toMatchObject({ source: 'events', kind: 'api_request', sessionId: SESSION, timeMs: TIME_MS });
    expect(usage.cost).toBe(parseUsd('0.018499'));
    expect(usage.amounts).toEqual(REQUEST_AMOUNTS);
    expect(usage.tokens).toEqual({ input: 12, output: 431, cacheRead: 51_200, cacheCreation5m: 1_000, cacheCreation1h: 570 });
    expect(usage.dimensions).toEqual({
      client_version: '2.1.329',
      os: 'linux',
      model: 'claude-sonnet-4-5',
      query_source: 'main',
      query_source_detail: 'repl_main_thread',
      effort: 'high',
      speed: 'normal',
    });
  });

  test('should take all cache writes for five-minute writes when the client does not split them', () => {
    const { cache_creation_5m_tokens: _5m, cache_creation_1h_tokens: _1h, ...attributes } = REQUEST;
    const usage = onlyUsage(interpretEvent('api_request', attributes));
    expect(usage.tokens).toMatchObject({ cacheCreation5m: 1_570, cacheCreation1h: 0 });
    expect(usage.amounts).not.toHaveProperty('cache_creation_1h_tokens');
  });

  test('should book cost_usd and not the rounded micros', () => {
    expect(onlyUsage(interpretEvent('api_request', { ...REQUEST, cost_usd: 0.00581775, cost_usd_micros: 5_818 })).cost).toBe(5_817_750_000n);
  });

  test.each([[{ cost_usd: '' }], [{ cost_usd: '  ' }]])('should fall back to micros only where cost_usd is absent: %j', (cost) => {
    const interpretation = interpretEvent('api_request', { ...REQUEST, ...cost });
    if (cost.cost_usd === '') expect(onlyUsage(interpretation).cost).toBe(18_499_000_000n);
    else expect(interpretation.rejections).toMatchObject([{ reason: 'invalid_cost' }]);
  });

  test.each(['', 'undefined', 'null', 'NaN', Number.NaN])(
    'should report no cost where the client writes a missing one as %p, and keep its tokens',
    (cost_usd) => {
      const { cost_usd_micros: _, ...attributes } = REQUEST;
      const usage = onlyUsage(interpretEvent('api_request', { ...attributes, cost_usd }));
      expect(usage.cost).toBeUndefined();
      expect(usage.amounts).toMatchObject({ requests: 1, input_tokens: 12, output_tokens: 431 });
    },
  );

  test('should report no cost when the record has none', () => {
    const { cost_usd: _usd, cost_usd_micros: _micros, ...attributes } = REQUEST;
    expect(onlyUsage(interpretEvent('api_request', attributes)).cost).toBeUndefined();
  });

  test.each(['2.0.76', '2.1.119', 'unreleased'])('should put the tokens of an attempt of %s at zero cost under unbilled_tokens only', (version) => {
    const usage = onlyUsage(interpretEvent('api_request', { ...asStrings(REQUEST), 'app.version': version, cost_usd: '0' }));
    expect(usage.tokens).toBeUndefined();
    expect(usage.cost).toBe(0n);
    expect(usage.amounts).toEqual({
      unbilled_tokens: 12 + 431 + 51_200 + 1_570,
      requests: 1,
      api_duration_ms: 1_200,
      ttft_ms: 300,
      ttft_requests: 1,
    });
  });

  test.each(['2.1.120', '2.1.332'])('should keep the tokens of a request of %s that costs nothing', (version) => {
    const usage = onlyUsage(interpretEvent('api_request', { ...REQUEST, 'app.version': version, cost_usd: 0, cost_usd_micros: 0 }));
    expect(usage.cost).toBe(0n);
    expect(usage.tokens).toEqual({ input: 12, output: 431, cacheRead: 51_200, cacheCreation5m: 1_000, cacheCreation1h: 570 });
    expect(usage.amounts).toEqual(REQUEST_AMOUNTS);
  });

  test("should carry the client's own number, also 0 and also as a string", () => {
    const sequenceOf = (sequence: number | string) => onlyUsage(interpretEvent('api_request', { ...REQUEST, 'event.sequence': sequence })).sequence;
    expect([sequenceOf(0), sequenceOf('17')]).toEqual([0, 17]);
    expect(onlyUsage(interpretEvent('api_request', { ...REQUEST, 'event.sequence': '' }))).not.toHaveProperty('sequence');
    expect(onlyUsage(interpretEvent('api_request', { ...REQUEST, 'event.sequence': 'many' }))).not.toHaveProperty('sequence');
  });

  test('should take tokens written as "undefined" for absent', () => {
    const usage = onlyUsage(interpretEvent('api_request', { ...asStrings(REQUEST), cache_read_tokens: 'undefined', effort: 'undefined' }));
    expect(usage.amounts).toMatchObject({ cache_read_tokens: 0, input_tokens: 12 });
    expect(usage.dimensions).not.toHaveProperty('effort');
  });

  test('should lose nothing for a duration that cannot be read', () => {
    const usage = onlyUsage(interpretEvent('api_request', { ...REQUEST, duration_ms: 'undefined', ttft_ms: -1 }));
    expect(usage.cost).toBe(parseUsd('0.018499'));
    expect(usage.amounts).not.toHaveProperty('api_duration_ms');
    expect(usage.amounts).not.toHaveProperty('ttft_ms');
  });

  test.each<[string, Plain, string]>([
    ['a negative cost', { cost_usd: -1 }, 'invalid_cost'],
    ['a cost that is no number', { cost_usd: 'free' }, 'invalid_cost'],
    ['a cost that is a truth value', { cost_usd: true }, 'invalid_cost'],
    ['a cost that is infinite', { cost_usd: Number.POSITIVE_INFINITY }, 'invalid_cost'],
    ['an absurd cost', { cost_usd: 1e9 }, 'invalid_cost'],
    ['negative tokens', { input_tokens: -5 }, 'invalid_number'],
    ['tokens that are no number', { output_tokens: 'many' }, 'invalid_number'],
    ['infinitely many tokens', { cache_read_tokens: Number.POSITIVE_INFINITY }, 'invalid_number'],
    ['absurdly many tokens', { cache_creation_tokens: 1e15 }, 'invalid_number'],
    ['a split that is no number', { cache_creation_1h_tokens: 'x' }, 'invalid_number'],
  ])('should be rejected for %s, while the rest of the export is booked', (_name, poison, reason) => {
    const records = [eventRecord('api_request', { ...REQUEST, ...poison }), eventRecord('api_request', { ...REQUEST, request_id: 'req_2' })];
    const interpretation = createTestInterpreter()(logsExport(records), RECEIVED_MS);
    expect(interpretation.usages).toHaveLength(1);
    expect(interpretation.rejections).toMatchObject([{ reason }]);
    const [key = ''] = Object.keys(poison);
    expect(interpretation.rejections[0]?.message).toContain(key);
  });
});

describe('events', () => {
  test.each<[string, Plain, Amounts, Dimensions]>([
    ['user_prompt', { prompt_length: '15', command_name: 'compact' }, { prompts: 1 }, { command: 'compact' }],
    ['api_error', { model: 'claude-opus-5[1m]', status_code: 529, error: 'Overloaded' }, { errors: 1 }, { model: 'claude-opus-5', status: '529' }],
    ['api_error', { status_code: 'undefined' }, { errors: 1 }, {}],
    ['api_error', { error_class: 'connection' }, { errors: 1 }, { status: 'connection' }],
    ['api_retries_exhausted', { status_code: '429', total_attempts: 3 }, { retries_exhausted: 1 }, { status: '429' }],
    ['api_refusal', { model: 'claude-opus-5', query_source: 'sdk' }, { refusals: 1 }, { model: 'claude-opus-5', query_source: 'main' }],
    ['tool_result', { tool_name: 'Bash', success: 'true', duration_ms: '26' }, { tool_calls: 1, tool_duration_ms: 26 }, { tool: 'Bash' }],
    ['tool_result', { tool: 'Edit', success: false }, { tool_calls: 1, tool_failures: 1 }, { tool: 'Edit' }],
    [
      'tool_decision',
      { tool_name: 'Edit', decision: 'accept', source: 'hook' },
      { events: 1 },
      { event: 'tool_decision', tool: 'Edit', decision_source: 'hook' },
    ],
    ['compaction', { success: 'true' }, { compactions: 1 }, {}],
    ['compaction', { success: 'false' }, { events: 1 }, { event: 'compaction' }],
    ['subagent_completed', { agent_type: 'general-purpose', model: 'claude-opus-5-5' }, { subagents: 1 }, { agent: 'general-purpose' }],
    ['skill_activated', { 'skill.name': 'pdf', 'plugin.name': 'docs' }, { events: 1 }, { event: 'skill_activated', skill: 'pdf', plugin: 'docs' }],
    ['mcp_server_connection', { status: 'failed' }, { events: 1 }, { event: 'mcp_server_connection' }],
  ])('%s with %j should be counted as %j', (name, attributes, amounts, dimensions) => {
    const usage = onlyUsage(interpretEvent(name, attributes));
    expect(usage.amounts).toEqual(amounts);
    expect(usage.dimensions).toMatchObject(dimensions);
    expect(usage.cost).toBeUndefined();
  });

  test.each([...EVENTS.keys()])('%s should be documented: booked, and not reported as unknown', (name) => {
    const interpretation = interpretEvent(name);
    expect(interpretation.usages).toHaveLength(1);
    expect(interpretation.ignored.size).toBe(0);
  });

  test('an event that nobody documented should be counted by its name, and reported', () => {
    const interpretation = interpretEvent('brand_new');
    expect(onlyUsage(interpretation).amounts).toEqual({ events: 1 });
    expect(onlyUsage(interpretation).dimensions.event).toBe('brand_new');
    expect(interpretation.ignored).toEqual(new Map([['brand_new', 1]]));
  });

  test('names beyond the first thousand should share one entry', () => {
    const records = Array.from({ length: 1_200 }, (_, index) => eventRecord(`new_${index}`));
    const { ignored, usages } = createTestInterpreter()(logsExport(records), RECEIVED_MS);
    expect(ignored.size).toBe(1_001);
    expect(ignored.get('(other)')).toBe(200);
    expect(usages).toHaveLength(1_200);
  });

  test('an attribute that nobody documented should be counted by its name, unless it comes from the resource', () => {
    const resource = { 'service.name': 'claude-code', stage: 'test' };
    const record = eventRecord('user_prompt', { brand_new: 'x', stage: 'test' });
    const { unknownAttributes } = createTestInterpreter()(logsExport([record], resource), RECEIVED_MS);
    expect(unknownAttributes).toEqual(new Map([['brand_new', 1]]));
  });

  test.each([
    ['the attribute event.name, bare', { 'event.name': 'user_prompt' }, 'anything else', ''],
    ['the attribute event.name, prefixed', { 'event.name': 'claude_code.user_prompt' }, '', ''],
    ['the body', {}, 'claude_code.user_prompt', ''],
    ['the bare body', {}, 'user_prompt', ''],
    ['the field event_name', {}, '', 'claude_code.user_prompt'],
  ])('should be named by %s', (_name, attributes, body, eventName) => {
    const record = { timeMs: TIME_MS, observedMs: 0, eventName, body, attributes: new Map(Object.entries({ 'session.id': SESSION, ...attributes })) };
    expect(onlyUsage(createTestInterpreter()(logsExport([record]), RECEIVED_MS)).kind).toBe('user_prompt');
  });

  test.each([
    ['scope', { 'service.name': 'renamed' }, 'com.anthropic.claude_code.events', 'user_prompt'],
    ['service', { 'service.name': 'claude-code' }, '', 'user_prompt'],
    ['desktop service', { 'service.name': 'claude-code-desktop' }, '', 'user_prompt'],
    ['prefix of the name', {}, '', 'claude_code.user_prompt'],
  ])("should be taken for Claude Code's by the %s", (_name, resource, scopeName, name) => {
    const record = eventRecord(name, {}, { body: '' });
    expect(onlyUsage(createTestInterpreter()(logsExport([record], resource, scopeName), RECEIVED_MS)).amounts).toEqual({ prompts: 1 });
  });

  test("another sender's records should be ignored under their scope, and their text never become a name", () => {
    const record = { timeMs: TIME_MS, observedMs: 0, eventName: '', body: 'password_is_hunter2', attributes: new Map() };
    const interpretation = createTestInterpreter()(logsExport([record], { 'service.name': 'shop' }, 'shop.logger'), RECEIVED_MS);
    expect(interpretation.usages).toEqual([]);
    expect(interpretation.rejections).toEqual([]);
    expect(interpretation.ignored).toEqual(new Map([['shop.logger', 1]]));
  });

  test.each([
    ['none', 0, undefined, RECEIVED_MS, 1],
    ['none but a timestamp', 0, '2026-11-20T13:59:59.000Z', TIME_MS - 1_000, 0],
    ['before 2024', Date.UTC(2023, 11, 31), 'not a time', RECEIVED_MS, 1],
    ['two days ahead', RECEIVED_MS + 2 * 86_400_000, undefined, RECEIVED_MS + 2 * 86_400_000, 0],
    ['an hour ahead', RECEIVED_MS + 3_600_000, undefined, RECEIVED_MS + 3_600_000, 0],
    ['wrong beside a right timestamp', 1_000, '2026-11-20T13:59:59.000Z', TIME_MS - 1_000, 1],
    ['none but a timestamp in milliseconds', 0, String(TIME_MS - 1_000), TIME_MS - 1_000, 0],
  ])('whose time is %s should be booked at a believable one', (_name, timeMs, timestamp, expected, corrected) => {
    const interpretation = interpretEvent('user_prompt', { 'event.timestamp': timestamp ?? '' }, { timeMs });
    expect(onlyUsage(interpretation).timeMs).toBe(expected);
    expect(interpretation.correctedTimes).toBe(corrected);
  });

  test('without a session should say so and leave the stand-in to the charge', () => {
    expect(onlyUsage(interpretEvent('user_prompt', { 'session.id': '' })).sessionId).toBe('');
  });

  test.each([
    ['app.version', { 'app.version': '2.1.400' }, '2.1.400'],
    ['scope', {}, '2.1.329'],
  ])('should take the client version from the %s', (_name, attributes, version) => {
    expect(onlyUsage(interpretEvent('user_prompt', attributes)).dimensions.client_version).toBe(version);
  });

  test.each([
    ['repl_main_thread', {}, 'main'],
    ['repl_main_thread:compact', {}, 'main'],
    ['sdk', {}, 'main'],
    ['agent:builtin:general-purpose', {}, 'subagent'],
    ['hook_agent', {}, 'subagent'],
    ['sdk', { 'agent.name': 'Explore' }, 'subagent'],
    ['compact', {}, 'auxiliary'],
    ['generate_session_title', {}, 'auxiliary'],
    ['web_search_tool', {}, 'auxiliary'],
    ['main', {}, 'main'],
  ])('with query_source %s and %j should come from %s', (source, attributes, coarse) => {
    expect(onlyUsage(interpretEvent('api_request', { ...REQUEST, ...attributes, query_source: source })).dimensions.query_source).toBe(coarse);
  });
});
