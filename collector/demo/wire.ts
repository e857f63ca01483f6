/**
 * What a demo client sends, and its encoding: OTLP as protobuf. Small and write-only; the receiver's
 * decoder is written apart from it, so that one cannot hide the other's mistakes.
 */

import { ProtobufWriter } from '../core/protobuf-writer.ts';

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

export const EVENTS_SCOPE = 'com.anthropic.claude_code.events';
export const METRICS_SCOPE = 'com.anthropic.claude_code';
export const PREFIX = 'claude_code.';
export const TEMPORALITY = { delta: 1, cumulative: 2 } as const;

/** One request body with several clients' exports of one signal, as an OpenTelemetry Collector in between would batch them. */
export function encodeProtobuf(exports: readonly DemoExport[]): Uint8Array {
  const writer = new ProtobufWriter();
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

function writeLog(writer: ProtobufWriter, process: DemoProcess, log: DemoLog): void {
  writer.message(2, () => {
    writer.time(11, log.timeMs);
    writeAttributes(writer, 6, log.attributes);
    writer.raw(encodedStandard(process, 6));
    writer.message(5, () => writer.text(1, PREFIX + log.event));
    writer.time(1, log.timeMs);
  });
}

function writeMetric(writer: ProtobufWriter, process: DemoProcess, metric: DemoMetric): void {
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
    const writer = new ProtobufWriter(4096);
    writeAttributes(writer, field, process.standard);
    bytes = writer.bytes();
    cached.set(field, bytes);
  }
  return bytes;
}

function writeAttributes(writer: ProtobufWriter, field: number, list: DemoAttributes): void {
  for (let index = list.length - 1; index >= 0; index--) {
    const attribute = list[index];
    if (attribute !== undefined) writeAttribute(writer, field, attribute[0], attribute[1]);
  }
}

function writeAttribute(writer: ProtobufWriter, field: number, key: string, value: DemoValue): void {
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
