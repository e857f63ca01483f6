import { describe, expect, test } from '@jest/globals';
import type { Dimensions } from '../../../collector/catalog/measures.ts';
import type { Amounts } from '../../../collector/ledger/entry.ts';
import { createTestInterpreter, dataPoint, interpretPoint, metricsExport, onlyUsage, type Plain, RECEIVED_MS, SESSION, TIME_MS } from './support.ts';

describe('metrics', () => {
  test.each<[string, number, Plain, Amounts, Dimensions]>([
    ['session.count', 1, { start_type: 'resume' }, { session_starts: 1 }, { start_type: 'resume' }],
    ['session.count', 1, { start_type: 'agents_view' }, { session_starts: 1 }, { start_type: 'agents_view' }],
    ['session.count', 1, {}, { session_starts: 1 }, {}],
    ['token.usage', 12, { type: 'input', model: 'claude-opus-5[1m]' }, { input_tokens: 12 }, { model: 'claude-opus-5', speed: 'normal' }],
    ['token.usage', 12, { type: 'output', speed: 'fast' }, { output_tokens: 12 }, { speed: 'fast' }],
    ['token.usage', 12, { type: 'cacheRead', query_source: 'auxiliary' }, { cache_read_tokens: 12 }, { query_source: 'auxiliary' }],
    ['token.usage', 12, { type: 'cacheCreation', 'agent.name': 'Explore' }, { cache_creation_tokens: 12 }, { agent: 'Explore' }],
    ['lines_of_code.count', 7, { type: 'added' }, { lines_added: 7 }, {}],
    ['lines_of_code.count', 7, { type: 'removed', model: 'claude-opus-5' }, { lines_removed: 7 }, { model: 'claude-opus-5' }],
    ['commit.count', 2, {}, { commits: 2 }, {}],
    ['pull_request.count', 1, {}, { pull_requests: 1 }, {}],
    [
      'code_edit_tool.decision',
      3,
      { decision: 'accept', tool_name: 'Edit', language: 'Javascript' },
      { edits_accepted: 3 },
      { tool: 'Edit', language: 'JavaScript' },
    ],
    [
      'code_edit_tool.decision',
      1,
      { decision: 'reject', tool: 'MultiEdit', source: 'user_reject' },
      { edits_rejected: 1 },
      { tool: 'MultiEdit', decision_source: 'user_reject' },
    ],
    ['active_time.total', 1.2345, { type: 'user' }, { active_user_ms: 1_235 }, {}],
    ['active_time.total', 0.5, { type: 'cli' }, { active_cli_ms: 500 }, {}],
  ])('%s of %d with %j should be %j', (metric, value, attributes, amounts, dimensions) => {
    for (const name of [metric, `claude_code.${metric}`]) {
      const usage = onlyUsage(interpretPoint(name, value, attributes));
      expect(usage).toMatchObject({ source: 'metrics', kind: metric, sessionId: SESSION, timeMs: TIME_MS, startMs: TIME_MS - 60_000 });
      expect(usage.amounts).toEqual(amounts);
      expect(usage.dimensions).toMatchObject(dimensions);
      expect(usage.cost).toBeUndefined();
      expect(usage.cumulative).toBeUndefined();
    }
  });

  test('cost.usage should be money, and no amount', () => {
    const usage = onlyUsage(interpretPoint('claude_code.cost.usage', 0.0353961, { model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0' }));
    expect(usage.cost).toBe(35_396_100_000n);
    expect(usage.amounts).toEqual({});
    expect(usage).toMatchObject({ tokens: undefined, dimensions: { model: 'claude-sonnet-4-5' } });
  });

  test('a cumulative point should name its series and its start', () => {
    const points = [1, 2].map((value) => dataPoint('claude_code.commit.count', value, {}, { temporality: 'cumulative', timeMs: TIME_MS + value }));
    const { usages } = createTestInterpreter()(metricsExport(points), RECEIVED_MS);
    expect(usages[0]?.cumulative).toEqual({ series: expect.stringMatching(/^[\w-]{16}$/), startMs: TIME_MS - 60_000 });
    expect(usages[1]?.cumulative).toEqual(usages[0]?.cumulative);
    expect(usages[1]?.identity).not.toBe(usages[0]?.identity);
  });

  test.each<[string, string, number, Plain, object, string]>([
    ['a negative amount', 'token.usage', -1, { type: 'input' }, {}, 'invalid_number'],
    ['NaN', 'token.usage', Number.NaN, { type: 'input' }, {}, 'invalid_number'],
    ['an absurd amount', 'commit.count', 1e15, {}, {}, 'invalid_number'],
    ['a negative cost', 'cost.usage', -0.01, {}, {}, 'invalid_cost'],
    ['an absurd cost', 'cost.usage', 1e7, {}, {}, 'invalid_cost'],
    ['an unknown token class', 'token.usage', 1, { type: 'thinking' }, {}, 'unknown_type'],
    ['a token class that is a property of every object', 'token.usage', 1, { type: 'constructor' }, {}, 'unknown_type'],
    ['a gauge', 'cost.usage', 1, {}, { type: 'gauge' }, 'unsupported_metric_type'],
    ['a histogram', 'cost.usage', 1, {}, { type: 'other' }, 'unsupported_metric_type'],
    ['an unspecified temporality', 'cost.usage', 1, {}, { temporality: 'unspecified' }, 'unspecified_temporality'],
  ])('%s should be rejected by name, while the rest of the export is booked', (_name, metric, value, attributes, fields, reason) => {
    const points = [dataPoint(`claude_code.${metric}`, value, attributes, fields), dataPoint('claude_code.commit.count', 1)];
    const interpretation = createTestInterpreter()(metricsExport(points), RECEIVED_MS);
    expect(interpretation.usages).toHaveLength(1);
    expect(interpretation.rejections).toMatchObject([{ reason, message: expect.stringContaining(metric) }]);
  });

  test('an unknown metric and another sender should be ignored by name', () => {
    const interpret = createTestInterpreter();
    expect(interpret(metricsExport([dataPoint('claude_code.brand_new', 1)]), RECEIVED_MS).ignored).toEqual(new Map([['brand_new', 1]]));
    const foreign = interpret(metricsExport([dataPoint('commit.count', 1)], { 'service.name': 'shop' }, 'shop'), RECEIVED_MS);
    expect(foreign).toMatchObject({ usages: [], rejections: [], ignored: new Map([['commit.count', 1]]) });
  });

  test('a series that was read before should count its undocumented attributes again', () => {
    const interpret = createTestInterpreter();
    for (let export_ = 0; export_ < 3; export_++) {
      const { unknownAttributes } = interpret(metricsExport([dataPoint('claude_code.commit.count', 1, { brand_new: 'x' })]), RECEIVED_MS);
      expect(unknownAttributes).toEqual(new Map([['brand_new', 1]]));
    }
  });

  test('a point without a believable time should be booked when it arrived', () => {
    const sent = metricsExport([dataPoint('claude_code.commit.count', 1, {}, { startMs: 0, timeMs: 0 })]);
    const read = createTestInterpreter()(sent, RECEIVED_MS);
    expect(read).toMatchObject({ correctedTimes: 1, usages: [{ timeMs: RECEIVED_MS, startMs: undefined, isTimeCertain: false }] });
  });

  test('a point without a believable time should be booked at its start where that is believable', () => {
    const sent = metricsExport([dataPoint('claude_code.commit.count', 1, {}, { startMs: TIME_MS - 5, timeMs: 7 })]);
    const read = createTestInterpreter()(sent, RECEIVED_MS);
    expect(read).toMatchObject({ correctedTimes: 1, usages: [{ timeMs: TIME_MS - 5, startMs: TIME_MS - 5, isTimeCertain: true }] });
  });
});
