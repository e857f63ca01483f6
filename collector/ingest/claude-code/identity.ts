/** What makes a repeated delivery recognisable. Everything here depends on what was sent, never on when it arrived. */
import { hash } from 'node:crypto';
import type { Attributes } from '../attribution/claims.ts';
import { isAbsent } from './attributes.ts';

const IDENTITY_CHARACTERS = 16;
/** Between parts; a character that no attribute name or value of the client contains. */
export const SEPARATOR = '\u0000';

/** 96 bits of a SHA-256 in base64url. */
export const digest = (text: string): string => hash('sha256', text, 'base64url').slice(0, IDENTITY_CHARACTERS);

/** All attributes in the order of their names. Whether a number came as a number or as a string makes no difference. */
export function canonicalText(attributes: Attributes): string {
  const keys = [...attributes.keys()].sort();
  let text = '';
  for (const key of keys) {
    text += `${key}${SEPARATOR}${attributes.get(key)}${SEPARATOR}`;
  }
  return text;
}

/**
 * An event's identity. `oncePerRequest` says that an API request gives at most one event of this name; tool events carry
 * the request's id too, but there may be several of them. Without a request id the client's own sequence tells events
 * apart, and for clients that have neither (2.0 and before) the whole record does.
 */
export function identifyEvent(name: string, oncePerRequest: boolean, attributes: Attributes, timeMs: number): string {
  if (oncePerRequest) {
    const request = present(attributes, 'request_id') ?? present(attributes, 'client_request_id');
    if (request !== undefined) return digest(`${name}${SEPARATOR}${request}`);
  }
  const sequence = attributes.get('event.sequence');
  const timestamp = attributes.get('event.timestamp');
  if (sequence !== undefined && timestamp !== undefined) {
    // Processes that share a session count each for itself, so what the event belongs to keeps them apart.
    const subject = `${present(attributes, 'prompt.id') ?? ''}${SEPARATOR}${present(attributes, 'tool_use_id') ?? ''}`;
    return digest(`${name}${SEPARATOR}${sequence}${SEPARATOR}${timestamp}${SEPARATOR}${subject}`);
  }
  return digest(`${name}${SEPARATOR}${timeMs}${SEPARATOR}${canonicalText(attributes)}`);
}

function present(attributes: Attributes, key: string): string | undefined {
  const value = attributes.get(key);
  return isAbsent(value) ? undefined : String(value);
}

/** A series: a metric with all its attributes and its resource. */
export const identifySeries = (metric: string, attributes: Attributes, resourceText: string): string =>
  digest(`${metric}${SEPARATOR}${canonicalText(attributes)}${SEPARATOR}${resourceText}`);

/** A data point of a series. */
export const identifyPoint = (series: string, startMs: number, timeMs: number): string =>
  digest(`${series}${SEPARATOR}${startMs}${SEPARATOR}${timeMs}`);
