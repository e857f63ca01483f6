/** Log records: one event of Claude Code becomes one usage. */

import type { LogRecord } from '../telemetry.ts';
import type { Usage } from '../usage.ts';
import { readLabel, readOptionalCount } from './attributes.ts';
import { isBelievable } from './believable-time.ts';
import { readCommonDimensions } from './dimensions.ts';
import type { Draft } from './draft.ts';
import { EVENTS, type EventDefinition, UNDOCUMENTED_EVENT } from './events.ts';
import { identifyEvent } from './identity.ts';
import { boundName } from './name-gate.ts';
import type { Result } from './result.ts';
import { NAME_PREFIX, type ScopeContext } from './scope.ts';

const NAME = /^[\w.:/-]{1,100}$/;
const UNNAMED = '(unnamed)';
/** Its further attributes are named by plugins. */
const FREE_ATTRIBUTES_EVENT = 'hook_plugin_metrics';

export function readRecord(record: LogRecord, scope: ScopeContext, result: Result): void {
  const fullName = eventName(record);
  const isPrefixed = fullName.startsWith(NAME_PREFIX);
  if (!scope.isClient && !isPrefixed && !record.body.startsWith(NAME_PREFIX)) {
    result.ignore(scope.name);
    return;
  }
  const name = isPrefixed ? fullName.slice(NAME_PREFIX.length) : fullName;
  const definition = EVENTS.get(name) ?? UNDOCUMENTED_EVENT;
  if (definition === UNDOCUMENTED_EVENT) result.ignore(name);
  const draft: Draft = { cost: undefined, tokens: undefined, amounts: {}, dimensions: {} };
  readCommonDimensions(record.attributes, scope, draft.dimensions);
  const rejection = definition.read(record.attributes, draft);
  if (rejection !== undefined) {
    result.rejections.push({ reason: rejection.reason, message: `${boundName(name)}: ${rejection.message}` });
    return;
  }
  if (!definition.isCounted) draft.amounts.events = 1;
  if (draft.amounts.events !== undefined) draft.dimensions.event = boundName(name);
  result.usages.push(toUsage(name, definition, record, draft, scope, result));
}

/** The attribute event.name, else the body, else the field that OTLP has for it: the first that looks like a name and not like a text. */
function eventName(record: LogRecord): string {
  const named = record.attributes.get('event.name');
  if (typeof named === 'string' && NAME.test(named)) return named;
  if (NAME.test(record.body)) return record.body;
  return NAME.test(record.eventName) ? record.eventName : UNNAMED;
}

function toUsage(name: string, definition: EventDefinition, record: LogRecord, draft: Draft, scope: ScopeContext, result: Result): Usage {
  const attributes = record.attributes;
  const unknown: string[] = [];
  const claims = scope.resource.claimsOf(attributes, unknown);
  if (unknown.length > 0 && name !== FREE_ATTRIBUTES_EVENT) result.countUnknown(unknown);
  const model = readLabel(attributes, 'model');
  const normalised = model === undefined ? undefined : scope.readModel(model);
  if (normalised !== undefined) draft.dimensions.model = normalised.model;
  const timeMs = eventTime(record, scope.receivedMs, result);
  const sequence = readOptionalCount(attributes, 'event.sequence');
  return {
    source: 'events',
    kind: boundName(name),
    timeMs,
    startMs: timeMs,
    sessionId: readLabel(attributes, 'session.id') ?? '',
    identity: identifyEvent(name, definition.oncePerRequest, attributes, record.timeMs),
    claims,
    cost: draft.cost,
    tokens: draft.tokens,
    amounts: draft.amounts,
    dimensions: draft.dimensions,
    modelRecognised: normalised?.recognised ?? false,
    ...(sequence !== undefined && { sequence }),
  };
}

function eventTime(record: LogRecord, receivedMs: number, result: Result): number {
  if (isBelievable(record.timeMs, receivedMs)) return record.timeMs;
  const stamped = Date.parse(String(record.attributes.get('event.timestamp')));
  if (isBelievable(stamped, receivedMs)) return stamped;
  result.correctedTimes++;
  return receivedMs;
}
