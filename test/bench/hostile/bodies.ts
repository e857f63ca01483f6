/** Request bodies made to cost more than they are worth. */
import { gzipSync } from 'node:zlib';
import { type DemoAttributes, type DemoExport, type DemoLog, type DemoProcess, EVENTS_SCOPE, encodeProtobuf } from '../../../collector/demo/wire.ts';

export interface HostileBody {
  readonly signal: 'logs' | 'metrics' | 'traces';
  readonly type: 'application/x-protobuf' | 'application/json';
  readonly isPacked: boolean;
  readonly bytes: Buffer;
}

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

export const headersOf = ({ type, isPacked }: HostileBody): Record<string, string> => ({
  'content-type': type,
  ...(isPacked && { 'content-encoding': 'gzip' }),
});

const protobuf = (bytes: Buffer, signal: HostileBody['signal'] = 'logs'): HostileBody => ({ signal, type: PROTOBUF, isPacked: false, bytes });
const json = (text: string): HostileBody => ({ signal: 'logs', type: JSON_TYPE, isPacked: false, bytes: Buffer.from(text) });
export const packed = (body: HostileBody): HostileBody => ({ ...body, isPacked: true, bytes: gzipSync(body.bytes, { level: 9 }) });

/** A length-delimited field. */
function field(number: number, content: Buffer): Buffer {
  const head = [(number << 3) | 2];
  let rest = content.length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) head.push((rest % 128) + 128);
  head.push(rest);
  return Buffer.concat([Buffer.from(head), content]);
}

const text = (number: number, value: string): Buffer => field(number, Buffer.from(value));
const attribute = (number: number, key: string, value: Buffer): Buffer => field(number, Buffer.concat([text(1, key), field(2, value)]));
const inScope = (records: Buffer): Buffer => field(1, field(2, records));
const EVENTS = field(1, text(1, EVENTS_SCOPE));
const RESOURCE = field(1, attribute(1, 'service.name', text(1, 'claude-code')));
const EMPTY_RECORD = Buffer.from([0x12, 0x00]);

/** 100,000 of them are 200 kB, and about 300 bytes with gzip. They stand in the client's own scope, where each counts as one of its events. */
export const emptyRecords = (count: number): HostileBody =>
  packed(protobuf(field(1, Buffer.concat([RESOURCE, field(2, Buffer.concat([EVENTS, Buffer.alloc(count * 2, EMPTY_RECORD)]))]))));
export const emptyJsonRecords = (count: number): HostileBody =>
  packed(json(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${Array(count).fill('{}').join()}]}]}]}`));

export function nestedProtobuf(levels: number): HostileBody {
  const parts: Buffer[] = [text(1, 'bottom')];
  let length = parts[0]?.length ?? 0;
  for (let level = 0; level < levels; level++) {
    for (const number of [1, 5]) {
      const head = field(number, Buffer.alloc(0)).subarray(0, 1);
      const size = varint(length);
      parts.push(size, head);
      length += size.length + head.length;
    }
  }
  return packed(protobuf(inScope(field(2, attribute(6, 'deep', Buffer.concat(parts.reverse()))))));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

export const openBrackets = (bytes: number): HostileBody => packed(json('['.repeat(bytes)));
export const nestedJson = (levels: number): HostileBody =>
  packed(
    json(
      `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":"deep","value":${'{"arrayValue":{"values":['.repeat(levels)}{"intValue":1}${']}}'.repeat(levels)}}]}]}]}]}`,
    ),
  );

export function manyAttributes(records: number, attributes: number): HostileBody {
  const record = field(2, Buffer.concat(Array.from({ length: attributes }, (_, index) => attribute(6, `a${index}`, text(1, 'x')))));
  return packed(protobuf(inScope(Buffer.concat(Array<Buffer>(records).fill(record)))));
}

export function longValues(records: number, bytes: number): HostileBody {
  const record = field(2, attribute(6, 'user.email', text(1, 'v'.repeat(bytes))));
  return packed(protobuf(inScope(Buffer.concat(Array<Buffer>(records).fill(record)))));
}

/** 16 kB that become `bytes`, and are no export. */
export const bomb = (bytes: number): HostileBody => packed(protobuf(Buffer.alloc(bytes)));
/** 16 kB that become one unknown field of `bytes`, which a decoder has to step over. */
export const unknownField = (bytes: number): HostileBody => packed(protobuf(field(15, Buffer.alloc(bytes))));

/** Data points of a metric that nobody here knows. */
export function foreignPoints(points: number): HostileBody {
  const point = field(1, Buffer.concat([attribute(7, 'http.route', text(1, '/checkout')), Buffer.from([0x21, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f])]));
  const metric = field(2, Buffer.concat([text(1, 'http.server.duration'), field(5, Buffer.concat(Array<Buffer>(points).fill(point)))]));
  return packed(protobuf(field(1, field(2, metric)), 'metrics'));
}

const VERSION = '2.1.329';
const CLIENT: DemoProcess = {
  version: VERSION,
  temporality: 'delta',
  resource: [
    ['service.name', 'claude-code'],
    ['service.version', VERSION],
  ],
  standard: [],
};

/** An api_request as a client sends it, with only what booking needs. Session '': the client does not say which. */
export function usage(session: string, number: number, timeMs: number, more: DemoAttributes = []): DemoLog {
  const attributes: DemoAttributes = [
    ['event.name', 'api_request'],
    ...(session === '' ? [] : [['session.id', session] as const]),
    ['model', 'claude-opus-5-5'],
    ['cost_usd', { double: 0.000_001 }],
    ['input_tokens', 1],
    ['request_id', `req_${session}_${number}`],
    ...more,
  ];
  return { timeMs, event: 'api_request', attributes };
}

export const usageBody = (logs: readonly DemoLog[]): HostileBody =>
  protobuf(encoded({ signal: 'logs', ...sentBy(CLIENT, logs[0]?.timeMs ?? 0), logs }));

/** One record's bytes again and again: the same request as often as `bytes` hold it. */
export function repeatedUsage(session: string, bytes: number, timeMs: number): HostileBody {
  const whole = encoded({ signal: 'logs', ...sentBy({ ...CLIENT, resource: [] }, timeMs), logs: [usage(session, 0, timeMs)] });
  const record = whole.subarray(whole.indexOf(EVENTS_SCOPE) + EVENTS_SCOPE.length + 2 + VERSION.length);
  return packed(
    protobuf(field(1, field(2, Buffer.concat([EVENTS, ...Array<Buffer>(Math.max(1, Math.floor(bytes / record.length) - 1)).fill(record)])))),
  );
}

/** Readings of one running total that goes up and down as no total does. */
export function jumpingSeries(session: string, points: number, timeMs: number): HostileBody {
  const process: DemoProcess = { ...CLIENT, temporality: 'cumulative' };
  const attributes: DemoAttributes = [
    ['session.id', session],
    ['model', 'claude-opus-5-5'],
  ];
  const readings = Array.from({ length: points }, (_, index) => ({
    startMs: timeMs - (index % 7) * 1000,
    timeMs: timeMs + ((index * 7919) % points),
    value: ((index * 31) % 1000) / 1e6,
    attributes,
  }));
  const metrics = [{ name: 'cost.usage', unit: 'USD', points: readings }];
  return protobuf(encoded({ signal: 'metrics', ...sentBy(process, timeMs), metrics }), 'metrics');
}

const sentBy = (process: DemoProcess, timeMs: number) => ({ sessionId: '', timeMs, process });
const encoded = (sent: DemoExport): Buffer => Buffer.from(encodeProtobuf([sent]));
