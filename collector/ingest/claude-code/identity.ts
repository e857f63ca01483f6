/**
 * What makes a repeated delivery recognizable: what the client said, and of that only what it is known to say. What a hop between client and
 * collector adds (its host, its pod, a label) does not make it another record. Only what carries no time at all depends on its arrival.
 */
import { hash, randomUUID } from 'node:crypto';
import { framed } from '../../core/framed.ts';
import type { Attributes } from '../attribution/claims.ts';
import { isAbsent } from './attributes.ts';
import { KNOWN_ATTRIBUTES } from './known-attributes.ts';

const IDENTITY_CHARACTERS = 16;

/** 96 bits of a SHA-256 in base64url. */
const digest = (text: string): string => hash('sha256', text, 'base64url').slice(0, IDENTITY_CHARACTERS);

/** All attributes in the order of their names. Whether a number came as a number or as a string makes no difference. */
export const canonicalText = (attributes: Attributes): string => textOf(attributes, [...attributes.keys()]);

/** The same of the attributes that the client is known to send. */
const clientText = (attributes: Attributes): string =>
  textOf(
    attributes,
    [...attributes.keys()].filter((name) => KNOWN_ATTRIBUTES.has(name)),
  );

function textOf(attributes: Attributes, names: string[]): string {
  let text = '';
  for (const name of names.sort()) text += framed(name) + framed(String(attributes.get(name)));
  return text;
}

/** What an event belongs to. Processes that share a session count each for itself, and a proxy may give all requests one id. */
const SUBJECT = ['request_id', 'client_request_id', 'event.sequence', 'event.timestamp', 'prompt.id', 'tool_use_id'] as const;

/**
 * An event's identity: its request, the client's own number of it and its time. Clients that do not number their events (2.0 and before)
 * are known by the whole record. `timeMs` is the record's own time; 0 when it has none.
 */
export function identifyEvent(name: string, attributes: Attributes, timeMs: number): string {
  let text = framed(name);
  for (const key of SUBJECT) text += framed(present(attributes, key));
  const isNumbered = present(attributes, 'event.sequence') !== '' && present(attributes, 'event.timestamp') !== '';
  return digest(isNumbered ? text : `${text}${timeMs};${clientText(attributes)}`);
}

function present(attributes: Attributes, key: string): string {
  const value = attributes.get(key);
  return isAbsent(value) ? '' : String(value);
}

/** A series: a metric with all that the client says of it. */
export const identifySeries = (metric: string, attributes: Attributes): string => digest(framed(metric) + clientText(attributes));

/** Where a data point stands: points alike in it are one, or parts of one. */
export const placeOf = (series: string, startMs: number, timeMs: number): string => `${series} ${startMs} ${timeMs}`;

/** A data point of a delta series. */
export const identifyDelta = (place: string): string => digest(place);

/** A reading of a cumulative series. Its time may stand still while its value grows. */
export const identifyReading = (place: string, value: bigint | number): string => digest(`${place} ${value}`);

const PROCESS = randomUUID();
let arrivals = 0;

/**
 * A delta point without start and time: nothing in it tells a repeat from the next interval of the same amount, so each arrival counts.
 * Lost would be every second request of a sender like that; counted twice is what a client sends again after an answer that got lost.
 */
export const identifyArrival = (place: string, receivedMs: number): string => digest(`${place} ${PROCESS} ${receivedMs} ${arrivals++}`);
