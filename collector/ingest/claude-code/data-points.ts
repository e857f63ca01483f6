/** Data points: one point of a metric of Claude Code becomes one usage. What its series says is read once and remembered. */

import type { Attributes } from '../attribution/claims.ts';
import type { DataPoint } from '../telemetry.ts';
import type { Rejection } from '../usage.ts';
import { readLabel } from './attributes.ts';
import { type MutableDimensions, readCommonDimensions } from './dimensions.ts';
import { identifySeries } from './identity.ts';
import { METRICS, type MetricMeaning, readPointValue } from './metrics.ts';
import { boundName } from './name-gate.ts';
import { Parts } from './parts.ts';
import type { Result } from './result.ts';
import { NAME_PREFIX, type ScopeContext } from './scope.ts';
import type { SeriesReading } from './series.ts';

/** Reads the points of one export, in their order. */
export class PointReader {
  readonly #result: Result;
  readonly #parts: Parts;

  constructor(result: Result) {
    this.#result = result;
    this.#parts = new Parts(result);
  }

  read(point: DataPoint, scope: ScopeContext): void {
    const isPrefixed = point.metric.startsWith(NAME_PREFIX);
    const name = isPrefixed ? point.metric.slice(NAME_PREFIX.length) : point.metric;
    if (!scope.isClient && !isPrefixed) {
      this.#result.ignoreForeign(name, scope.name);
      return;
    }
    if (!METRICS.has(name)) {
      this.#result.ignore(name);
      return;
    }
    const rejection = rejectShape(name, point) ?? this.#readValue(name, point, scope);
    if (rejection !== undefined) this.#result.rejections.push(rejection);
  }

  #readValue(name: string, point: DataPoint, scope: ScopeContext): Rejection | undefined {
    const key = scope.resource.seriesKey(name, scope.version, point.attributes);
    const reading = scope.resource.findSeries(key) ?? scope.resource.rememberSeries(key, readSeries(name, point.attributes, scope));
    if ('reason' in reading.meaning) return reading.meaning;
    const value = readPointValue(name, reading.meaning, point.value);
    if ('reason' in value) return value;
    if (reading.unknownAttributes.length > 0) this.#result.countUnknown(reading.unknownAttributes);
    return this.#parts.add({ name, point, reading, measure: reading.meaning.measure, value, clock: scope.clock });
  }
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

function readSeries(name: string, sent: Attributes, scope: ScopeContext): SeriesReading {
  const dimensions: MutableDimensions = {};
  const attributes = scope.resource.effective(sent);
  readCommonDimensions(attributes, scope, dimensions);
  const model = readLabel(attributes, 'model');
  const normalized = model === undefined ? undefined : scope.readModel(model);
  if (normalized !== undefined) dimensions.model = normalized.model;
  if (normalized?.region !== undefined) dimensions.region = normalized.region;
  const meaning = readMeaning(name, attributes, dimensions);
  if (normalized?.speed !== undefined) dimensions.speed = normalized.speed;
  const unknown: string[] = [];
  const claims = scope.resource.claimsOf(sent, unknown);
  return {
    series: identifySeries(name, attributes),
    sessionId: readLabel(attributes, 'session.id') ?? '',
    claims,
    dimensions,
    meaning,
    unknownAttributes: unknown,
  };
}

function readMeaning(name: string, attributes: Attributes, dimensions: MutableDimensions): MetricMeaning | Rejection {
  const read = METRICS.get(name);
  return read === undefined ? { reason: 'unknown_metric', message: `${boundName(name)} is unknown.` } : read(attributes, dimensions);
}
