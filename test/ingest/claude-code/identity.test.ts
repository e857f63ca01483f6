import { describe, expect, test } from '@jest/globals';
import type { DataPoint, LogRecord } from '../../../collector/ingest/telemetry.ts';
import {
  createTestInterpreter,
  dataPoint,
  eventRecord,
  logsExport,
  metricsExport,
  onlyUsage,
  type Plain,
  RECEIVED_MS,
  RESOURCE,
  TIME_MS,
} from './support.ts';

const identifyRecord = (record: LogRecord) => onlyUsage(createTestInterpreter()(logsExport([record]), RECEIVED_MS)).identity;
const identifyPoint = (point: DataPoint, resource: Plain = RESOURCE) =>
  onlyUsage(createTestInterpreter()(metricsExport([point], resource), RECEIVED_MS)).identity;
const withoutSequence = (name: string, attributes: Plain, timeMs = TIME_MS): LogRecord => ({
  timeMs,
  eventName: '',
  body: `claude_code.${name}`,
  attributes: new Map(Object.entries({ 'session.id': 's', 'event.name': name, ...attributes })),
});

describe('the identity of an event', () => {
  test('should have sixteen characters', () => {
    expect(identifyRecord(eventRecord('user_prompt'))).toMatch(/^[\w-]{16}$/);
  });

  test('should be its request, whatever else is said', () => {
    const first = identifyRecord(eventRecord('api_request', { request_id: 'req_1', cost_usd: 1 }));
    expect(identifyRecord(eventRecord('api_request', { request_id: 'req_1', cost_usd: 2 }))).toBe(first);
    expect(identifyRecord(eventRecord('api_request', { request_id: 'req_2', cost_usd: 1 }))).not.toBe(first);
    expect(identifyRecord(eventRecord('api_error', { request_id: 'req_1' }))).not.toBe(first);
  });

  test("should be the client's own request id where the API gives none", () => {
    const first = identifyRecord(eventRecord('api_request', { request_id: '', client_request_id: 'c1', 'event.sequence': 1 }));
    expect(identifyRecord(eventRecord('api_request', { client_request_id: 'c1', 'event.sequence': 2 }))).toBe(first);
    expect(identifyRecord(eventRecord('api_request', { client_request_id: 'c2', 'event.sequence': 1 }))).not.toBe(first);
  });

  test.each(['', 'undefined', 'null'])('should not be a request id that is missing, written as "%s"', (request_id) => {
    const record = (sequence: number) => eventRecord('api_request', { request_id, 'event.sequence': sequence });
    expect(identifyRecord(record(1))).not.toBe(identifyRecord(record(2)));
  });

  test('should tell several tools of one request apart', () => {
    const tool = (id: string, sequence: number) => eventRecord('tool_result', { request_id: 'req_1', tool_use_id: id, 'event.sequence': sequence });
    expect(identifyRecord(tool('a', 1))).not.toBe(identifyRecord(tool('b', 2)));
    expect(identifyRecord(tool('a', 1))).not.toBe(identifyRecord(tool('b', 1)));
  });

  test('should tell a sequence that began again after a resume apart by its time', () => {
    const first = identifyRecord(eventRecord('user_prompt', { 'event.sequence': 0, 'event.timestamp': '2026-11-20T14:00:00.000Z' }));
    expect(identifyRecord(eventRecord('user_prompt', { 'event.sequence': 0, 'event.timestamp': '2026-11-20T15:00:00.000Z' }))).not.toBe(first);
  });

  test('should tell two processes of one session apart that count alike at the same instant', () => {
    const record = (prompt: string) => eventRecord('api_request', { 'event.sequence': 5, 'prompt.id': prompt });
    expect(identifyRecord(record('a'))).not.toBe(identifyRecord(record('b')));
    expect(identifyRecord(record('a'))).toBe(identifyRecord(record('a')));
  });

  test('should be the whole record for clients without request ids and sequences, content included', () => {
    const first = identifyRecord(withoutSequence('tool_result', { tool_parameters: '{"full_command":"ls"}', duration_ms: '3' }));
    expect(identifyRecord(withoutSequence('tool_result', { duration_ms: '3', tool_parameters: '{"full_command":"ls"}' }))).toBe(first);
    expect(identifyRecord(withoutSequence('tool_result', { tool_parameters: '{"full_command":"pwd"}', duration_ms: '3' }))).not.toBe(first);
    expect(identifyRecord(withoutSequence('tool_result', { tool_parameters: '{"full_command":"ls"}', duration_ms: '3' }, TIME_MS + 1))).not.toBe(
      first,
    );
  });

  test('should not depend on when it arrived', () => {
    const interpret = createTestInterpreter();
    const sent = logsExport([withoutSequence('user_prompt', {}, 0)]);
    expect(onlyUsage(interpret(sent, RECEIVED_MS)).identity).toBe(onlyUsage(interpret(sent, RECEIVED_MS + 60_000)).identity);
  });
});

describe('the identity of a data point', () => {
  const point = (attributes: Plain = {}, fields: Partial<DataPoint> = {}) => dataPoint('claude_code.commit.count', 1, attributes, fields);
  const first = identifyPoint(point({ a: '1', b: '2' }));

  test('should not depend on the order of attributes or on the value', () => {
    expect(identifyPoint(point({ b: '2', a: '1' }))).toBe(first);
    expect(identifyPoint({ ...point({ a: '1', b: '2' }), value: 5 })).toBe(first);
    expect(identifyPoint(point({ a: 1, b: '2' }))).toBe(first);
  });

  test.each<[string, DataPoint, Plain]>([
    ['metric', { ...point({ a: '1', b: '2' }), metric: 'claude_code.pull_request.count' }, RESOURCE],
    ['attributes', point({ a: '1', b: '3' }), RESOURCE],
    ['start', point({ a: '1', b: '2' }, { startMs: TIME_MS - 1 }), RESOURCE],
    ['time', point({ a: '1', b: '2' }, { timeMs: TIME_MS + 1 }), RESOURCE],
    ['resource', point({ a: '1', b: '2' }), { ...RESOURCE, 'os.type': 'darwin' }],
  ])('should differ by %s', (_name, other, resource) => {
    expect(identifyPoint(other, resource)).not.toBe(first);
  });

  test('should be the same whether its series was read before or not', () => {
    const interpret = createTestInterpreter();
    const identities = [1, 2].map(() => onlyUsage(interpret(metricsExport([point({ a: '1', b: '2' })]), RECEIVED_MS)).identity);
    expect(identities).toEqual([first, first]);
  });
});
