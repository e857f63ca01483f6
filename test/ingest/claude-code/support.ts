/** Exports as the decoder hands them over, written the short way, and the interpreter with its default configuration. */

import { defaultConfig } from '../../../collector/config/config.ts';
import { atOnce } from '../../../collector/core/turn.ts';
import { claimAttributes } from '../../../collector/ingest/attribution/attribution.ts';
import type { Attributes, AttributeValue } from '../../../collector/ingest/attribution/claims.ts';
import { runAttributes } from '../../../collector/ingest/attribution/job.ts';
import { createInterpreter, type InterpreterOptions } from '../../../collector/ingest/claude-code/interpret.ts';
import type { DataPoint, Export, LogRecord } from '../../../collector/ingest/telemetry.ts';
import type { Interpretation, Usage } from '../../../collector/ingest/usage.ts';

export type Plain = Readonly<Record<string, AttributeValue>>;

export const TIME_MS = Date.UTC(2026, 10, 20, 14, 0, 0);
export const RECEIVED_MS = TIME_MS + 5_000;
export const SESSION = '00000000-0000-4000-8000-000000000001';
export const RESOURCE: Plain = { 'service.name': 'claude-code', 'service.version': '2.1.329', 'os.type': 'linux' };

export const attributesOf = (plain: Plain): Attributes => new Map(Object.entries(plain));

/** Reads an export without a pause. */
export function createTestInterpreter(aliases: Readonly<Record<string, string>> = {}): (received: Export, receivedMs: number) => Interpretation {
  const { attribution } = defaultConfig();
  return interpretingAtOnce({ aliases, claimAttributes: claimAttributes(attribution), runAttributes: runAttributes(attribution) });
}

export function interpretingAtOnce(options: Omit<InterpreterOptions, 'window'>): (received: Export, receivedMs: number) => Interpretation {
  const interpret = createInterpreter({ window: defaultConfig().ingest_window, ...options });
  return (received, receivedMs) => atOnce(interpret(received, receivedMs));
}

/** A record of the event, with what every record of 2.1.329 carries. */
export function eventRecord(name: string, attributes: Plain = {}, fields: Partial<LogRecord> = {}): LogRecord {
  const common = { 'session.id': SESSION, 'user.id': 'u1', 'event.timestamp': '2026-11-20T14:00:00.000Z', 'event.sequence': 1 };
  return {
    timeMs: TIME_MS,
    observedMs: 0,
    eventName: '',
    body: `claude_code.${name}`,
    attributes: attributesOf({ 'event.name': name, ...common, ...attributes }),
    ...fields,
  };
}

export function logsExport(records: readonly LogRecord[], resource: Plain = RESOURCE, scopeName = 'com.anthropic.claude_code.events'): Export {
  return { signal: 'logs', scopes: [{ resource: attributesOf(resource), scopeName, scopeVersion: '2.1.329', records }] };
}

export function dataPoint(metric: string, value: number, attributes: Plain = {}, fields: Partial<DataPoint> = {}): DataPoint {
  return {
    message: 0,
    metric,
    unit: '',
    type: 'sum',
    temporality: 'delta',
    startMs: TIME_MS - 60_000,
    timeMs: TIME_MS,
    value,
    attributes: attributesOf({ 'session.id': SESSION, 'user.id': 'u1', ...attributes }),
    ...fields,
  };
}

/** Each point in a metric message of its own. */
export function metricsExport(points: readonly DataPoint[], resource: Plain = RESOURCE, scopeName = 'com.anthropic.claude_code'): Export {
  const records = points.map((point, message) => ({ ...point, message }));
  return { signal: 'metrics', scopes: [{ resource: attributesOf(resource), scopeName, scopeVersion: '2.1.329', records }] };
}

export const interpretEvent = (name: string, attributes: Plain = {}, fields: Partial<LogRecord> = {}): Interpretation =>
  createTestInterpreter()(logsExport([eventRecord(name, attributes, fields)]), RECEIVED_MS);

export const interpretPoint = (metric: string, value: number, attributes: Plain = {}, fields: Partial<DataPoint> = {}): Interpretation =>
  createTestInterpreter()(metricsExport([dataPoint(metric, value, attributes, fields)]), RECEIVED_MS);

/** The one usage of an interpretation that rejected nothing. */
export function onlyUsage(interpretation: Interpretation): Usage {
  const [usage] = interpretation.usages;
  if (usage === undefined || interpretation.usages.length !== 1 || interpretation.rejections.length > 0) {
    throw new Error(`Expected one usage, got ${interpretation.usages.length} and rejections ${JSON.stringify(interpretation.rejections)}.`);
  }
  return usage;
}
