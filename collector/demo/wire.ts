/**
 * What a demo client sends, and its two encodings: OTLP as protobuf and as JSON. Small and write-only; the receiver's
 * decoder is written apart from it, so that one cannot hide the other's mistakes.
 */

/** Whole numbers are ints on the wire; `double` marks the others. */
export type DemoValue = string | boolean | number | { readonly double: number };
export type DemoAttributes = readonly (readonly [string, DemoValue])[];

/** One process of a client: what all its records share. */
export interface DemoProcess {
  readonly version: string;
  readonly temporality: 'delta' | 'cumulative';
  readonly resource: DemoAttributes;
  /** Attributes that every record and point repeats. */
  readonly standard: DemoAttributes;
}

export interface DemoLog {
  readonly timeMs: number;
  /** Bare: "api_request". */
  readonly event: string;
  readonly attributes: DemoAttributes;
}

export interface DemoPoint {
  readonly startMs: number;
  readonly timeMs: number;
  readonly value: number;
  readonly attributes: DemoAttributes;
}

export interface DemoMetric {
  /** Bare: "cost.usage". */
  readonly name: string;
  readonly unit: string;
  readonly points: readonly DemoPoint[];
}

interface Sent {
  readonly sessionId: string;
  /** When the client sends it. No record in it is later. */
  readonly timeMs: number;
  readonly process: DemoProcess;
}
export interface DemoLogs extends Sent {
  readonly signal: 'logs';
  readonly logs: readonly DemoLog[];
}
export interface DemoMetrics extends Sent {
  readonly signal: 'metrics';
  readonly metrics: readonly DemoMetric[];
}
export type DemoExport = DemoLogs | DemoMetrics;

const EVENTS_SCOPE = 'com.anthropic.claude_code.events';
const METRICS_SCOPE = 'com.anthropic.claude_code';
const PREFIX = 'claude_code.';
const TEMPORALITY = { delta: 1, cumulative: 2 } as const;

/** One request body with several clients' exports of one signal, as an OpenTelemetry Collector in between would batch them. */
export function encodeJson(exports: readonly DemoExport[]): string {
  const logs = exports.flatMap((sent) => (sent.signal === 'logs' ? [jsonLogs(sent)] : []));
  const metrics = exports.flatMap((sent) => (sent.signal === 'metrics' ? [jsonMetrics(sent)] : []));
  return JSON.stringify(logs.length > 0 ? { resourceLogs: logs } : { resourceMetrics: metrics });
}

function jsonLogs({ process, logs }: DemoLogs): unknown {
  const records = logs.map((log) => ({
    timeUnixNano: nanos(log.timeMs),
    observedTimeUnixNano: nanos(log.timeMs),
    body: { stringValue: PREFIX + log.event },
    attributes: jsonAttributes([...process.standard, ...log.attributes]),
    droppedAttributesCount: 0,
  }));
  const scopeLogs = [{ scope: { name: EVENTS_SCOPE, version: process.version }, logRecords: records }];
  return { resource: { attributes: jsonAttributes(process.resource), droppedAttributesCount: 0 }, scopeLogs };
}

function jsonMetrics({ process, metrics }: DemoMetrics): unknown {
  const rendered = metrics.map(({ name, unit, points }) => ({
    name: PREFIX + name,
    description: '',
    unit,
    sum: {
      aggregationTemporality: TEMPORALITY[process.temporality],
      isMonotonic: true,
      dataPoints: points.map((point) => ({
        attributes: jsonAttributes([...process.standard, ...point.attributes]),
        startTimeUnixNano: nanos(point.startMs),
        timeUnixNano: nanos(point.timeMs),
        asDouble: point.value,
      })),
    },
  }));
  const scopeMetrics = [{ scope: { name: METRICS_SCOPE, version: process.version }, metrics: rendered }];
  return { resource: { attributes: jsonAttributes(process.resource), droppedAttributesCount: 0 }, scopeMetrics };
}

const nanos = (ms: number): string => `${ms}000000`;
const jsonAttributes = (list: DemoAttributes): unknown => list.map(([key, value]) => ({ key, value: jsonValue(value) }));

function jsonValue(value: DemoValue): unknown {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return typeof value === 'number' ? { intValue: value } : { doubleValue: value.double };
}

/** The same as protobuf. */
export function encodeProtobuf(exports: readonly DemoExport[]): Uint8Array {
  const writer = new BackwardWriter();
  for (const sent of exports.toReversed()) {
    writer.message(1, () => {
      writer.message(2, () => {
        if (sent.signal === 'logs') for (const log of sent.logs.toReversed()) writeLog(writer, sent.process, log);
        else for (const metric of sent.metrics.toReversed()) writeMetric(writer, sent.process, metric);
        writer.message(1, () => {
          writer.text(2, sent.process.version);
          writer.text(1, sent.signal === 'logs' ? EVENTS_SCOPE : METRICS_SCOPE);
        });
      });
      writer.message(1, () => writeAttributes(writer, 1, sent.process.resource));
    });
  }
  return writer.bytes();
}

function writeLog(writer: BackwardWriter, process: DemoProcess, log: DemoLog): void {
  writer.message(2, () => {
    writer.time(11, log.timeMs);
    writeAttributes(writer, 6, log.attributes);
    writer.raw(encodedStandard(process, 6));
    writer.message(5, () => writer.text(1, PREFIX + log.event));
    writer.time(1, log.timeMs);
  });
}

function writeMetric(writer: BackwardWriter, process: DemoProcess, metric: DemoMetric): void {
  writer.message(2, () => {
    writer.message(7, () => {
      writer.whole(3, 1);
      writer.whole(2, TEMPORALITY[process.temporality]);
      for (const point of metric.points.toReversed()) {
        writer.message(1, () => {
          writeAttributes(writer, 7, point.attributes);
          writer.raw(encodedStandard(process, 7));
          writer.double(4, point.value);
          writer.time(3, point.timeMs);
          writer.time(2, point.startMs);
        });
      }
    });
    if (metric.unit !== '') writer.text(3, metric.unit);
    writer.text(1, PREFIX + metric.name);
  });
}

/** The attributes that every record of a process repeats are encoded once. */
const standardCache = new WeakMap<DemoProcess, Map<number, Uint8Array>>();

function encodedStandard(process: DemoProcess, field: number): Uint8Array {
  const cached = standardCache.get(process) ?? new Map<number, Uint8Array>();
  standardCache.set(process, cached);
  let bytes = cached.get(field);
  if (bytes === undefined) {
    const writer = new BackwardWriter(4096);
    writeAttributes(writer, field, process.standard);
    bytes = writer.bytes();
    cached.set(field, bytes);
  }
  return bytes;
}

function writeAttributes(writer: BackwardWriter, field: number, list: DemoAttributes): void {
  for (let index = list.length - 1; index >= 0; index--) {
    const attribute = list[index];
    if (attribute !== undefined) writeAttribute(writer, field, attribute[0], attribute[1]);
  }
}

function writeAttribute(writer: BackwardWriter, field: number, key: string, value: DemoValue): void {
  const attribute = writer.begin();
  const any = writer.begin();
  if (typeof value === 'string') writer.text(1, value);
  else if (typeof value === 'boolean') writer.whole(2, value ? 1 : 0);
  else if (typeof value === 'number') writer.whole(3, value);
  else writer.double(4, value.double);
  writer.end(2, any);
  writer.text(1, key);
  writer.end(field, attribute);
}

const SHORT_TEXT = 80;

/** Protobuf written from the back to the front, so that a message's length is known when its prefix is written. */
class BackwardWriter {
  #buffer: Buffer;
  #at: number;

  constructor(size = 1 << 16) {
    this.#buffer = Buffer.allocUnsafe(size);
    this.#at = size;
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(this.#at);
  }

  begin(): number {
    return this.#buffer.length - this.#at;
  }

  /** Closes a message whose content was written since `begin`. */
  end(field: number, begun: number): void {
    const length = this.#buffer.length - this.#at - begun;
    this.#need(12);
    this.#varint(length);
    this.#varint(field * 8 + 2);
  }

  message(field: number, content: () => void): void {
    const begun = this.begin();
    content();
    this.end(field, begun);
  }

  /** Already encoded fields. */
  raw(bytes: Uint8Array): void {
    this.#need(bytes.length);
    this.#at -= bytes.length;
    this.#buffer.set(bytes, this.#at);
  }

  text(field: number, value: string): void {
    this.#need(value.length * 3 + 12);
    const length = this.#shortAscii(value) ? value.length : this.#utf8(value);
    this.#varint(length);
    this.#varint(field * 8 + 2);
  }

  #utf8(value: string): number {
    const length = Buffer.byteLength(value);
    this.#at -= length;
    this.#buffer.write(value, this.#at, length);
    return length;
  }

  /** Short ASCII, which is nearly all of it, is several times faster letter by letter. */
  #shortAscii(value: string): boolean {
    const length = value.length;
    if (length > SHORT_TEXT) return false;
    const start = this.#at - length;
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code > 127) return false;
      this.#buffer[start + index] = code;
    }
    this.#at = start;
    return true;
  }

  /** A varint of a whole number from 0 to 2^53. */
  whole(field: number, value: number): void {
    this.#need(20);
    this.#varint(value);
    this.#varint(field * 8);
  }

  double(field: number, value: number): void {
    this.#need(14);
    this.#at -= 8;
    this.#buffer.writeDoubleLE(value, this.#at);
    this.#varint(field * 8 + 1);
  }

  /** Milliseconds as fixed64 nanoseconds. */
  time(field: number, ms: number): void {
    this.#need(14);
    this.#at -= 8;
    // Nanoseconds have more bits than a number: ms = high * 2^20 + low, so that both products stay whole.
    const low = (ms % 2 ** 20) * 1_000_000;
    const high = Math.floor(ms / 2 ** 20) * 1_000_000;
    const lowWord = (high % 2 ** 12) * 2 ** 20 + (low % 2 ** 32);
    const carried = Math.floor(low / 2 ** 32) + Math.floor(lowWord / 2 ** 32);
    this.#buffer.writeUInt32LE(lowWord % 2 ** 32, this.#at);
    this.#buffer.writeUInt32LE(Math.floor(high / 2 ** 12) + carried, this.#at + 4);
    this.#varint(field * 8 + 1);
  }

  #varint(value: number): void {
    let length = 1;
    for (let left = value; left >= 128; left = Math.floor(left / 128)) length++;
    this.#at -= length;
    let left = value;
    for (let index = 0; index < length; index++) {
      this.#buffer[this.#at + index] = (left % 128) + (index === length - 1 ? 0 : 128);
      left = Math.floor(left / 128);
    }
  }

  #need(bytes: number): void {
    if (this.#at >= bytes) return;
    const used = this.#buffer.length - this.#at;
    const larger = Buffer.allocUnsafe((this.#buffer.length + bytes) * 2);
    this.#buffer.copy(larger, larger.length - used, this.#at);
    this.#at = larger.length - used;
    this.#buffer = larger;
  }
}
