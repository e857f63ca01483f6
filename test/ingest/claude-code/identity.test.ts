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
  observedMs: 0,
  eventName: '',
  body: `claude_code.${name}`,
  attributes: new Map(Object.entries({ 'session.id': 's', 'event.name': name, ...attributes })),
});

describe('the identity of an event', () => {
  test('should have sixteen characters', () => {
    expect(identifyRecord(eventRecord('user_prompt'))).toMatch(/^[\w-]{16}$/);
  });

  test('should be its request, number and time, whatever else is said', () => {
    const first = identifyRecord(eventRecord('api_request', { request_id: 'req_1', cost_usd: 1 }));
    expect(identifyRecord(eventRecord('api_request', { request_id: 'req_1', cost_usd: 2 }))).toBe(first);
    expect(identifyRecord(eventRecord('api_request', { request_id: 'req_2', cost_usd: 1 }))).not.toBe(first);
    expect(identifyRecord(eventRecord('api_error', { request_id: 'req_1' }))).not.toBe(first);
  });

  test("should be the client's own request id too", () => {
    const first = identifyRecord(eventRecord('api_request', { request_id: '', client_request_id: 'c1' }));
    expect(identifyRecord(eventRecord('api_request', { client_request_id: 'c1' }))).toBe(first);
    expect(identifyRecord(eventRecord('api_request', { client_request_id: 'c2' }))).not.toBe(first);
  });

  test('should tell the requests apart to which a proxy gives one id, with numbers and without', () => {
    const numbered = (sequence: number) => identifyRecord(eventRecord('api_request', { request_id: 'constant', 'event.sequence': sequence }));
    expect(numbered(1)).not.toBe(numbered(2));
    expect(numbered(1)).toBe(numbered(1));
    const old = (cost_usd: string) => identifyRecord(withoutSequence('api_request', { request_id: 'constant', cost_usd }));
    expect(old('1')).not.toBe(old('2'));
    expect(old('1')).toBe(old('1'));
  });

  test('should not be what a hop adds, to the record or to its resource', () => {
    const records = [eventRecord, (name: string, attributes: Plain) => withoutSequence(name, attributes)];
    for (const record of records) {
      const identify = (attributes: Plain, resource: Plain) =>
        onlyUsage(createTestInterpreter()(logsExport([record('user_prompt', attributes)], { ...RESOURCE, ...resource }), RECEIVED_MS)).identity;
      expect(identify({ 'k8s.pod.name': 'a', 'host.name': 'a' }, { 'host.name': 'b' })).toBe(identify({}, {}));
    }
  });

  test('should be the same when a hop moved attributes to the resource', () => {
    const moved = { 'session.id': 's', 'event.name': 'tool_decision', tool_name: 'Bash' };
    const [plain] = createTestInterpreter()(
      logsExport([withoutSequence('tool_decision', { tool_name: 'Bash', decision: 'accept' })]),
      RECEIVED_MS,
    ).usages;
    const record = { timeMs: TIME_MS, observedMs: 0, eventName: '', body: '', attributes: new Map([['decision', 'accept']]) };
    const usage = onlyUsage(createTestInterpreter()(logsExport([record], { ...RESOURCE, ...moved }), RECEIVED_MS));
    expect(usage).toMatchObject({ identity: plain?.identity, sessionId: 's', dimensions: plain?.dimensions, kind: 'tool_decision' });
  });

  test('should not be split or joined by control characters', () => {
    const record = (attributes: Plain) => identifyRecord(withoutSequence('user_prompt', attributes));
    expect(record({ model: 'a\u0000speed\u0000b' })).not.toBe(record({ model: 'a', speed: 'b' }));
    expect(record({ model: 'a5:speed1:b' })).not.toBe(record({ model: 'a', speed: 'b' }));
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
  const first = identifyPoint(point({ model: '1', type: '2' }));

  test('should not depend on the order of attributes or on the value', () => {
    expect(identifyPoint(point({ type: '2', model: '1' }))).toBe(first);
    expect(identifyPoint({ ...point({ model: '1', type: '2' }), value: 5 })).toBe(first);
    expect(identifyPoint(point({ model: 1, type: '2' }))).toBe(first);
  });

  test('should not depend on what a hop adds, to the point or to its resource', () => {
    const added = { 'host.name': 'collector-1', 'k8s.pod.name': 'collector-1', 'service.instance.id': 'x', cluster: 'a' };
    expect(identifyPoint(point({ model: '1', type: '2', ...added }), { ...RESOURCE, 'os.type': 'darwin', ...added })).toBe(first);
  });

  test('should be the same when a hop moved attributes to the resource', () => {
    expect(identifyPoint(point({ type: '2' }), { ...RESOURCE, model: '1' })).toBe(first);
  });

  test.each<[string, DataPoint, Plain]>([
    ['metric', { ...point({ model: '1', type: '2' }), metric: 'claude_code.pull_request.count' }, RESOURCE],
    ['attributes', point({ model: '1', type: '3' }), RESOURCE],
    ['start', point({ model: '1', type: '2' }, { startMs: TIME_MS - 1 }), RESOURCE],
    ['time', point({ model: '1', type: '2' }, { timeMs: TIME_MS + 1 }), RESOURCE],
  ])('should differ by %s', (_name, other, resource) => {
    expect(identifyPoint(other, resource)).not.toBe(first);
  });

  test('should be the same whether its series was read before or not', () => {
    const interpret = createTestInterpreter();
    const identities = [1, 2].map(() => onlyUsage(interpret(metricsExport([point({ model: '1', type: '2' })]), RECEIVED_MS)).identity);
    expect(identities).toEqual([first, first]);
  });

  test('should hold the value of a cumulative series, whose time may stand still', () => {
    const reading = (value: number) => identifyPoint({ ...point({}, { temporality: 'cumulative' }), value });
    expect(reading(1)).toBe(reading(1));
    expect(reading(1)).not.toBe(reading(2));
  });

  test('should be of this arrival alone for a delta point without any time', () => {
    const identify = (fields: Partial<DataPoint>) => identifyPoint(point({}, { startMs: 0, timeMs: 0, ...fields }));
    expect(identify({})).not.toBe(identify({}));
    expect(identify({ temporality: 'cumulative' })).toBe(identify({ temporality: 'cumulative' }));
    expect(identify({ startMs: TIME_MS })).toBe(identify({ startMs: TIME_MS }));
  });
});

describe('points alike', () => {
  const points = [0.7, 0.3].map((value) => dataPoint('claude_code.cost.usage', value, { model: 'claude-opus-5-5' }));
  const interpretMessages = (messages: readonly number[], sent = points) => {
    const [scope] = [metricsExport([])].flatMap((received) => (received.signal === 'metrics' ? received.scopes : []));
    if (scope === undefined) throw new Error('a metrics export has a scope');
    const records = sent.map((point, index) => ({ ...point, message: messages[index] ?? 0 }));
    return createTestInterpreter()({ signal: 'metrics', scopes: [{ ...scope, records }] }, RECEIVED_MS);
  };

  test('in one message should be parts of one', () => {
    expect(onlyUsage(interpretMessages([0, 0])).cost).toBe(1_000_000_000_000n);
    const readings = points.map((point) => ({ ...point, temporality: 'cumulative' as const }));
    const whole = onlyUsage(interpretMessages([0, 0], readings));
    expect(whole.cost).toBe(1_000_000_000_000n);
    expect(whole.identity).toBe(onlyUsage(interpretMessages([0], [{ ...points[0], ...readings[0], value: 1 } as DataPoint])).identity);
  });

  test('in different messages should be repeats', () => {
    const { usages } = interpretMessages([0, 1]);
    expect(usages.map(({ cost }) => cost)).toEqual([700_000_000_000n, 300_000_000_000n]);
    expect(usages[0]?.identity).toBe(usages[1]?.identity);
  });

  test('should not add up to more than one record may carry', () => {
    const { usages, rejections } = interpretMessages(
      [0, 0],
      points.map((point) => ({ ...point, value: 600_000 })),
    );
    expect(usages.map(({ cost }) => cost)).toEqual([600_000_000_000_000_000n]);
    expect(rejections).toMatchObject([{ reason: 'invalid_cost' }]);
  });
});
