/** Data points: one point of a metric of Claude Code becomes one usage. What its series says is read once and remembered. */

import type { Attributes } from '../attribution/claims.ts';
import type { DataPoint } from '../telemetry.ts';
import type { Rejection, Usage } from '../usage.ts';
import { readLabel } from './attributes.ts';
import { isBelievable } from './believable-time.ts';
import { type MutableDimensions, readCommonDimensions } from './dimensions.ts';
import { identifyPoint, identifySeries } from './identity.ts';
import { METRICS, type MetricMeaning, readPointValue } from './metrics.ts';
import { boundName } from './name-gate.ts';
import type { Result } from './result.ts';
import { NAME_PREFIX, type ScopeContext } from './scope.ts';
import type { SeriesReading } from './series.ts';

export function readPoint(point: DataPoint, scope: ScopeContext, result: Result): void {
  const isPrefixed = point.metric.startsWith(NAME_PREFIX);
  const name = isPrefixed ? point.metric.slice(NAME_PREFIX.length) : point.metric;
  if ((!scope.isClient && !isPrefixed) || !METRICS.has(name)) {
    result.ignore(name);
    return;
  }
  const usage = rejectShape(name, point) ?? readUsage(name, point, scope, result);
  if ('reason' in usage) result.rejections.push(usage);
  else result.usages.push(usage);
}

/**
 * Claude Code sends sums. The OTLP specification says that an unspecified temporality must not be used: read as delta, a
 * cumulative sender's money would be multiplied; read as cumulative, a delta sender's would be lost. So it is rejected.
 */
function rejectShape(name: string, point: DataPoint): Rejection | undefined {
  if (point.type !== 'sum') {
    const type = point.type === 'gauge' ? 'a gauge' : 'no sum';
    return { reason: 'unsupported_metric_type', message: `${name} is ${type}, expected a sum. Send it as Claude Code does.` };
  }
  if (point.temporality !== 'unspecified') return undefined;
  return {
    reason: 'unspecified_temporality',
    message: `${name} has an unspecified aggregation temporality, expected delta or cumulative. Set OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE.`,
  };
}

function readUsage(name: string, point: DataPoint, scope: ScopeContext, result: Result): Usage | Rejection {
  const key = scope.resource.seriesKey(name, scope.version, point.attributes);
  const reading = scope.resource.findSeries(key) ?? scope.resource.rememberSeries(key, readSeries(name, point.attributes, scope));
  if ('reason' in reading.meaning) return reading.meaning;
  const value = readPointValue(name, reading.meaning, point.value);
  if ('reason' in value) return value;
  if (reading.unknownAttributes.length > 0) result.countUnknown(reading.unknownAttributes);
  const timeMs = pointTime(point, scope.receivedMs, result);
  const isCost = 'cost' in value;
  return {
    source: 'metrics',
    kind: name,
    timeMs,
    startMs: isBelievable(point.startMs, scope.receivedMs) ? point.startMs : timeMs,
    sessionId: reading.sessionId,
    identity: identifyPoint(reading.series, point.startMs, point.timeMs),
    claims: reading.claims,
    cost: isCost ? value.cost : undefined,
    tokens: undefined,
    amounts: isCost ? {} : { [reading.meaning.measure]: value.amount },
    dimensions: reading.dimensions,
    modelRecognised: reading.modelRecognised,
    ...(point.temporality === 'cumulative' && { cumulative: { series: reading.series, startMs: point.startMs } }),
  };
}

function readSeries(name: string, attributes: Attributes, scope: ScopeContext): SeriesReading {
  const dimensions: MutableDimensions = {};
  readCommonDimensions(attributes, scope, dimensions);
  const model = readLabel(attributes, 'model');
  const normalised = model === undefined ? undefined : scope.readModel(model);
  if (normalised !== undefined) dimensions.model = normalised.model;
  const unknown: string[] = [];
  const claims = scope.resource.claimsOf(attributes, unknown);
  return {
    series: identifySeries(name, attributes, scope.resource.text),
    sessionId: readLabel(attributes, 'session.id') ?? '',
    claims,
    dimensions,
    modelRecognised: normalised?.recognised ?? false,
    meaning: readMeaning(name, attributes, dimensions),
    unknownAttributes: unknown,
  };
}

function readMeaning(name: string, attributes: Attributes, dimensions: MutableDimensions): MetricMeaning | Rejection {
  const read = METRICS.get(name);
  return read === undefined ? { reason: 'unknown_metric', message: `${boundName(name)} is unknown.` } : read(attributes, dimensions);
}

function pointTime(point: DataPoint, receivedMs: number, result: Result): number {
  if (isBelievable(point.timeMs, receivedMs)) return point.timeMs;
  result.correctedTimes++;
  return receivedMs;
}
