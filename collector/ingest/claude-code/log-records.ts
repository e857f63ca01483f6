/** Log records: one event of Claude Code becomes one usage. */

import type { Attributes } from '../attribution/claims.ts';
import type { LogRecord } from '../telemetry.ts';
import type { Usage } from '../usage.ts';
import { readLabel, readOptionalCount } from './attributes.ts';
import { type Dating, readTimestamp } from './believable-time.ts';
import { readCommonDimensions } from './dimensions.ts';
import type { Draft } from './draft.ts';
import { EVENTS, UNDOCUMENTED_EVENT } from './events.ts';
import { identifyEvent } from './identity.ts';
import { requestOf } from './imported.ts';
import { boundName } from './name-gate.ts';
import type { Result } from './result.ts';
import { NAME_PREFIX, type ScopeContext } from './scope.ts';

const NAME = /^[\w.:/-]{1,100}$/;
const UNNAMED = '(unnamed)';
/** Its further attributes are named by plugins. */
const FREE_ATTRIBUTES_EVENT = 'hook_plugin_metrics';

export function readRecord(record: LogRecord, scope: ScopeContext, result: Result): void {
  const attributes = scope.resource.effective(record.attributes);
  const fullName = eventName(record, attributes);
  const isPrefixed = fullName.startsWith(NAME_PREFIX);
  if (!scope.isClient && !isPrefixed && !record.body.startsWith(NAME_PREFIX)) {
    result.ignoreForeign(scope.name, scope.name);
    return;
  }
  const name = isPrefixed ? fullName.slice(NAME_PREFIX.length) : fullName;
  const definition = EVENTS.get(name) ?? UNDOCUMENTED_EVENT;
  if (definition === UNDOCUMENTED_EVENT) result.ignore(name);
  const draft: Draft = { cost: undefined, tokens: undefined, amounts: {}, dimensions: {} };
  readCommonDimensions(attributes, scope, draft.dimensions);
  const rejection = definition.read(attributes, draft);
  if (rejection !== undefined) {
    result.rejections.push({ reason: rejection.reason, message: `${boundName(name)}: ${rejection.message}` });
    return;
  }
  if (!definition.isCounted) draft.amounts.events = 1;
  if (draft.amounts.events !== undefined) draft.dimensions.event = boundName(name);
  result.usages.push(toUsage(name, attributes, record, draft, scope, result));
}

/** The attribute event.name, else the body, else the field that OTLP has for it: the first that looks like a name and not like a text. */
function eventName(record: LogRecord, attributes: Attributes): string {
  const named = attributes.get('event.name');
  if (typeof named === 'string' && NAME.test(named)) return named;
  if (NAME.test(record.body)) return record.body;
  return NAME.test(record.eventName) ? record.eventName : UNNAMED;
}

function toUsage(name: string, attributes: Attributes, record: LogRecord, draft: Draft, scope: ScopeContext, result: Result): Usage {
  const unknown: string[] = [];
  const claims = scope.resource.claimsOf(record.attributes, unknown);
  if (unknown.length > 0 && name !== FREE_ATTRIBUTES_EVENT) result.countUnknown(unknown);
  const model = readLabel(attributes, 'model');
  const normalized = model === undefined ? undefined : scope.readModel(model);
  if (normalized !== undefined) draft.dimensions.model = normalized.model;
  if (normalized?.region !== undefined) draft.dimensions.region = normalized.region;
  if (normalized?.speed !== undefined) draft.dimensions.speed = normalized.speed;
  const request = name === 'api_request' ? requestOf(attributes, draft) : undefined;
  const { timeMs, isCertain, outside } = eventTime(record, attributes, scope, result);
  const sequence = readOptionalCount(attributes, 'event.sequence');
  return {
    source: 'events',
    kind: boundName(name),
    timeMs,
    isTimeCertain: isCertain,
    startMs: timeMs,
    sessionId: readLabel(attributes, 'session.id') ?? '',
    identity: identifyEvent(name, attributes, record.timeMs || record.observedMs),
    claims,
    cost: draft.cost,
    tokens: draft.tokens,
    amounts: draft.amounts,
    dimensions: draft.dimensions,
    ...(request !== undefined && { request }),
    ...(sequence !== undefined && { sequence }),
    ...(draft.hasLifetimes === true && { hasLifetimes: true }),
    ...(outside !== undefined && { isSetAside: true }),
  };
}

/** Its own time, else the next best that it has. */
function eventTime(record: LogRecord, attributes: Attributes, { clock }: ScopeContext, result: Result): Dating {
  if (clock.believes(record.timeMs)) return { timeMs: record.timeMs, isCertain: true };
  const dating = clock.date([record.timeMs, record.observedMs, readTimestamp(attributes.get('event.timestamp'))]);
  if (dating.outside !== undefined) result.outside(dating.outside);
  // OTLP lets a record say its time with the observed time alone.
  else if (record.timeMs !== 0 || !dating.isCertain) result.correctedTimes++;
  return dating;
}
