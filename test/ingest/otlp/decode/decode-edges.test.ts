import { describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../../../collector/config/config.ts';
import { LedgerlineError } from '../../../../collector/core/error.ts';
import type { Decoded } from '../../../../collector/ingest/otlp/decode/decoded.ts';
import { measureJson } from '../../../../collector/ingest/otlp/decode/json/measure.ts';
import type { DataPoint, LogRecord } from '../../../../collector/ingest/telemetry.ts';
import { decodeJson, decodeProtobuf } from '../../../support/decode.ts';
import { MESSAGES } from './otlp-schema.ts';

const { limits } = defaultConfig();

const field = (number: number, content: Uint8Array): Buffer => Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
const text = (number: number, value: string): Buffer => field(number, Buffer.from(value));
const join = (...parts: Uint8Array[]): Buffer => Buffer.concat(parts);

const logsOf = (decoded: Decoded): readonly LogRecord[] =>
  decoded.received.signal === 'logs' ? decoded.received.scopes.flatMap((scope) => scope.records) : [];
const pointsOf = (decoded: Decoded): readonly DataPoint[] =>
  decoded.received.signal === 'metrics' ? decoded.received.scopes.flatMap((scope) => scope.records) : [];

const logs = (...logRecords: object[]): object => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
const json = (request: object): Decoded => decodeJson('logs', Buffer.from(JSON.stringify(request)), limits);
const binary = (request: object, given = limits): Decoded =>
  decodeProtobuf('logs', MESSAGES.logs.encode(MESSAGES.logs.fromObject(request)).finish(), given);

function refusalOf(act: () => unknown): LedgerlineError {
  try {
    act();
  } catch (error) {
    if (error instanceof LedgerlineError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('protobuf', () => {
  test('should give a metric its name, unit and temporality when they stand behind the points', () => {
    const sum = join(field(1, Buffer.from([0x31, 1, 0, 0, 0, 0, 0, 0, 0])), Buffer.from([0x10, 2]));
    const metric = join(field(7, sum), text(3, 'USD'), text(1, 'cost'));
    const body = field(1, field(2, join(field(2, metric), field(1, text(1, 'late scope')))));
    const decoded = decodeProtobuf('metrics', body, limits);
    expect(pointsOf(decoded)).toMatchObject([{ metric: 'cost', unit: 'USD', temporality: 'cumulative', value: 1 }]);
    expect(decoded.received).toMatchObject({ scopes: [{ scopeName: 'late scope' }] });
  });

  test('should apply a resource that stands behind its records', () => {
    const attribute = join(text(1, 'team.id'), field(2, text(1, 'platform')));
    const body = field(1, join(field(2, field(2, Buffer.alloc(0))), field(1, field(1, attribute))));
    const { received } = decodeProtobuf('logs', body, limits);
    expect(received).toMatchObject({ scopes: [{ resource: new Map([['team.id', 'platform']]), records: [{ timeMs: 0 }] }] });
  });

  test.each([
    ['cut off in a length', [0x0a, 0x80], 'a number that is cut off, in the field at byte 0'],
    ['longer than its message', [0x0a, 0x02, 0x12, 0x05], 'a length of 5 where 0 bytes are left, in the field at byte 2'],
    ['reaching over the end of the body', [0x0a, 0x7f], 'a length of 127 where 0 bytes are left'],
    ['a group', [0x0b, 0x0c], 'wire type 3, which OTLP does not use'],
    ['a field number of zero', [0x02, 0x00], 'a tag without a valid field number'],
    ['a tag of more than 32 bits', [0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00], 'a tag without a valid field number'],
    ['a number of 11 bytes', [0xa0, 0x38, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1], 'a number of more than 10 bytes'],
    ['a cut off 64-bit value', [0x09, 1, 2, 3], 'a 64-bit value that is cut off'],
    ['a cut off 32-bit value', [0x0d, 1, 2], 'a 32-bit value that is cut off'],
  ])('should refuse %s and say where', (_name, bytes, message) => {
    const refusal = refusalOf(() => decodeProtobuf('logs', Buffer.from(bytes), limits));
    expect(refusal.code).toBe('invalid');
    expect(refusal.message).toContain(message);
  });
});

describe('JSON', () => {
  test('should take snake_case, numbers as strings, enum names and null', () => {
    const request = {
      resource_metrics: [
        {
          resource: null,
          scope_metrics: [
            {
              scope: { name: 's', version: null },
              metrics: [
                {
                  name: 'm',
                  sum: {
                    aggregation_temporality: 'AGGREGATION_TEMPORALITY_DELTA',
                    data_points: [{ as_int: '7', start_time_unix_nano: '1763600000123999999', time_unix_nano: 1763600000123000000 }],
                  },
                },
              ],
            },
          ],
        },
      ],
      someday: { a: [[[]]] },
    };
    const decoded = decodeJson('metrics', Buffer.from(JSON.stringify(request)), limits);
    expect(pointsOf(decoded)).toMatchObject([{ metric: 'm', temporality: 'delta', value: 7, startMs: 1763600000123, timeMs: 1763600000123 }]);
  });

  test('should take an intValue as the bare number that Claude Code sends', () => {
    const [record] = logsOf(json(logs({ attributes: [{ key: 'input_tokens', value: { intValue: 1570 } }] })));
    expect(record?.attributes.get('input_tokens')).toBe(1570);
  });

  test.each([
    [{ resourceLogs: {} }, 'resourceLogs should be an array, found object'],
    [{ resourceLogs: [3] }, 'resourceLogs[0] should be an object, found number'],
    [logs({ timeUnixNano: 'soon' }), 'resourceLogs[0].scopeLogs[0].logRecords[0].timeUnixNano should be a time in nanoseconds, found string'],
    [logs({ attributes: [{ key: 5 }] }), 'logRecords[0].attributes[0].key should be a string, found number'],
    [logs({ attributes: [{ key: 'k', value: { intValue: {} } }] }), 'attributes[0].value.intValue should be a value, found object'],
    [logs({ attributes: [{ key: 'k', value: { arrayValue: 'yes' } }] }), 'value.arrayValue should be an object, found string'],
  ])('should name the path of a wrong type: %j', (request, message) => {
    const refusal = refusalOf(() => json(request));
    expect(refusal.code).toBe('invalid');
    expect(refusal.message).toContain(message);
  });

  test.each(['', 'null', '[]', '"text"', '{', '{"resourceLogs":[}', '\u0000'])('should refuse the body %j', (body) => {
    expect(refusalOf(() => decodeJson('logs', Buffer.from(body), limits)).code).toBe('invalid');
  });

  test('should refuse a body of brackets before the parser sees it', () => {
    const body = Buffer.alloc(4 * 1024 * 1024, '[');
    expect(refusalOf(() => measureJson({ signal: 'logs', body }, limits)).message).toContain('limits.nesting');
  });

  test('should not count brackets inside of strings as nesting', () => {
    const body = '[{\\"'.repeat(100_000);
    const text = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"${body}"}}]}]}]}`;
    expect(measureJson({ signal: 'logs', body: Buffer.from(text) }, limits).records).toBe(1);
    expect(logsOf(decodeJson('logs', Buffer.from(text), limits))).toHaveLength(1);
  });

  test('should keep content out of its errors', () => {
    expect(refusalOf(() => decodeJson('logs', Buffer.from('{"resourceLogs": my secret}'), limits)).message).not.toContain('secret');
  });
});

const deep = (levels: number): object => (levels === 0 ? { stringValue: 'x' } : { arrayValue: { values: [deep(levels - 1)] } });
const wide = (count: number): object[] => Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: { boolValue: true } }));

describe.each([
  ['protobuf', binary],
  ['JSON', json],
])('limits in %s', (_name, decode) => {
  test.each([
    ['limits.nesting', { attributes: [{ key: 'k', value: deep(17) }] }, { attributes: [{ key: 'k', value: deep(16) }] }],
    ['limits.attributes_per_record', { attributes: wide(257) }, { attributes: wide(256) }],
    [
      'limits.attribute_value_bytes',
      { attributes: [{ key: 'k', value: { stringValue: 'x'.repeat(1024 * 1024 + 1) } }] },
      { attributes: [{ key: 'k', value: { stringValue: 'x'.repeat(1024 * 1024) } }] },
    ],
  ])('should leave out only the record beyond %s', (limit, beyond, atTheLimit) => {
    const decoded = decode(logs({ eventName: 'before' }, beyond, atTheLimit, { eventName: 'after' }));
    expect(decoded.refused).toEqual(new Map([[limit, 1]]));
    expect(decoded.records).toBe(3);
    expect(logsOf(decoded).map(({ eventName }) => eventName)).toEqual(['before', '', 'after']);
  });

  test('should refuse an export whose resource is beyond a limit', () => {
    const refusal = refusalOf(() => decode({ resourceLogs: [{ resource: { attributes: wide(257) }, scopeLogs: [] }] }));
    expect(refusal).toMatchObject({ code: 'too_large', limit: 'limits.attributes_per_record' });
  });
});

test('an export with more records than the limit should be refused by its name', () => {
  const few = { ...limits, records_per_export: 2 };
  expect(binary(logs({}, {}), few).records).toBe(2);
  expect(refusalOf(() => binary(logs({}, {}, {}), few))).toMatchObject({ code: 'too_large', limit: 'limits.records_per_export' });
});

describe('malformed records', () => {
  const messageOf = (...records: Uint8Array[]): Buffer => field(1, field(2, join(...records.map((record) => field(2, record)))));

  test('should cost themselves alone in JSON', () => {
    const decoded = json(logs({ eventName: 'before' }, { attributes: [{ key: 5 }] }, 'no record' as unknown as object, { eventName: 'after' }));
    expect(logsOf(decoded).map(({ eventName }) => eventName)).toEqual(['before', 'after']);
    expect(decoded.malformed.records).toBe(2);
    expect(decoded.malformed.messages[1]).toContain('logRecords[2] should be an object, found string');
  });

  test.each([
    ['an attribute longer than its record', field(6, Buffer.from([0x0a, 0x7f]))],
    ['a wire type that OTLP does not use', Buffer.from([0x0b])],
    ['a time that is cut off', Buffer.from([0x09, 1, 2])],
  ])('should cost themselves alone in protobuf: %s', (_name, record) => {
    const decoded = decodeProtobuf('logs', messageOf(text(12, 'before'), record, text(12, 'after')), limits);
    expect(logsOf(decoded).map(({ eventName }) => eventName)).toEqual(['before', 'after']);
    expect(decoded.malformed).toMatchObject({ records: 1, messages: [expect.stringContaining('protobuf')] });
  });

  test('should cost their point alone in a metric', () => {
    const points = [field(1, Buffer.from([0x11, 1])), field(1, Buffer.from([0x21, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]))];
    const body = field(1, field(2, field(2, join(text(1, 'cost'), field(7, join(...points))))));
    const decoded = decodeProtobuf('metrics', body, limits);
    expect(pointsOf(decoded)).toMatchObject([{ metric: 'cost', value: 1 }]);
    expect(decoded.malformed.records).toBe(1);
  });

  test('should cost themselves alone where their scope or resource is none', () => {
    const group = { logRecords: [{ eventName: 'kept' }] };
    const decoded = json({ resourceLogs: [3, { scopeLogs: ['x', group, { logRecords: 'y' }] }, { resource: 'z', scopeLogs: [group] }] });
    expect(logsOf(decoded)).toHaveLength(1);
    expect(decoded.malformed).toMatchObject({ records: 4, messages: { length: 3 } });
  });

  test('should refuse the export when there is no other in it', () => {
    expect(refusalOf(() => json(logs({ attributes: 'none' }))).message).toContain('attributes should be an array');
    expect(refusalOf(() => decodeProtobuf('logs', messageOf(Buffer.from([0x0b])), limits)).code).toBe('invalid');
  });

  test('should count as records', () => {
    const body = logs(...Array.from({ length: 4 }, () => 'no record' as unknown as object));
    expect(refusalOf(() => decodeJson('logs', Buffer.from(JSON.stringify(body)), { ...limits, records_per_export: 3 })).code).toBe('too_large');
  });

  test('should tell no value in what is said about them', () => {
    const decoded = json(logs({}, { attributes: [{ key: { secret: 1 } }] }));
    expect(decoded.malformed.messages.join()).not.toContain('secret');
  });
});

describe('times', () => {
  test.each([
    ['1763600000123999999', 1763600000123],
    [1763600000123, 1763600000123],
    ['1763600000123456', 1763600000123],
    [1763600000, 1763600000000],
    [1763600000.5, 1763600000500],
    ['1.763600000123e18', 1763600000123],
    ['0', 0],
    ['', 0],
    [-1, 0],
    [12345, 0],
  ])('should be read in whichever unit: %p', (timeUnixNano, timeMs) => {
    expect(logsOf(json(logs({ timeUnixNano })))).toMatchObject([{ timeMs }]);
  });
});
