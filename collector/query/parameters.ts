/** Query strings to values. Everything wrong is a 400 that names the key, the value and the remedy. */

import { z } from 'zod';
import { dimensionOf, nearestDimension } from '../catalog/dimension-aliases.ts';
import { currentName } from '../catalog/former-names.ts';
import { DIMENSION_NAMES, type DimensionName } from '../catalog/measures.ts';
import type { Filter } from '../catalog/values.ts';
import { storedValue } from '../catalog/values.ts';
import type { Config } from '../config/config.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { LedgerlineError } from '../core/error.ts';
import { suggest } from '../core/suggest.ts';
import { PERIOD_WORDS, parseTimeRange, type TimeRange } from '../core/time-range.ts';
import { zoneName, zoneNames } from '../core/time-zone.ts';

const VALUE_MAX = 512;
const FILTER_VALUES_MAX = 100;
const SHOWN_MAX = 80;

/** `nearest`: what was probably meant in the place of the value. */
export const badParameter = (key: string, value: string, problem: string, hint: string, nearest?: string): LedgerlineError =>
  new LedgerlineError('invalid', `${key}=${value.slice(0, SHOWN_MAX)} ${problem}.`, {
    hint: withNearest(nearest, hint),
    ...{ parameter: key, value: value.slice(0, SHOWN_MAX), nearest },
  });

/** Of what stands in a path in the place of `key`. */
export function notFound(key: string, value: string, known: readonly string[], message: string, hint: string): LedgerlineError {
  const nearest = suggest(value, known);
  return new LedgerlineError('not_found', message, {
    hint: withNearest(nearest, hint),
    ...{ parameter: key, value: value.slice(0, SHOWN_MAX), nearest },
  });
}

const withNearest = (nearest: string | undefined, hint: string): string => (nearest === undefined ? hint : `Did you mean "${nearest}"? ${hint}`);

export type Parameters = URLSearchParams;

/** The query string of a request path. Unknown keys, and single keys that come twice, are errors. */
export function readParameters(url: string, single: readonly string[], repeatable: readonly string[] = []): Parameters {
  const parameters = queryOf(url);
  checkKeys(parameters, single, repeatable);
  return parameters;
}

/** The query string of a request path, unread. */
export function queryOf(url: string): Parameters {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1));
}

/** Throws for a key that is not among these, for one that comes too often, and for a value that is too long. */
export function checkParameters(parameters: Parameters, shapes: Readonly<Record<string, { readonly isRepeatable?: true }>>): void {
  const [repeatable, single] = [true, undefined].map((is) => Object.keys(shapes).filter((key) => shapes[key]?.isRepeatable === is));
  checkKeys(parameters, single ?? [], repeatable ?? []);
}

function checkKeys(parameters: Parameters, single: readonly string[], repeatable: readonly string[]): void {
  for (const [key, value] of parameters) {
    if (!single.includes(key) && !repeatable.includes(key)) {
      const allowed = [...single, ...repeatable];
      throw badParameter(key, value, 'is not a parameter here', `Allowed: ${allowed.join(', ') || 'none'}.`, suggest(key, allowed));
    }
    if (value.length > VALUE_MAX) throw badParameter(key, value, `is longer than ${VALUE_MAX} characters`, `Give at most ${VALUE_MAX}.`);
    if (single.includes(key) && parameters.getAll(key).length > 1) throw badParameter(key, value, 'is given more than once', 'Give it once.');
  }
}

/** What a comma-separated list names; nothing that is empty. */
export const listed = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** A comma-separated list of names, each one allowed and none twice. `fallback` when the key is absent. */
export function readNames<Name extends string>(
  parameters: Parameters,
  key: string,
  isAllowed: (name: string) => name is Name,
  allowed: readonly Name[],
  fallback: readonly Name[],
): readonly Name[] {
  const text = parameters.get(key);
  if (text === null) return fallback;
  return [...new Set(listed(text).map(currentName))].map((name) => {
    if (!isAllowed(name)) throw badParameter(key, name, 'is not known', `Allowed: ${allowed.join(', ')}.`, suggest(name, allowed));
    return name;
  });
}

/** One of a few words. */
export function readWord<Word extends string>(parameters: Parameters, key: string, allowed: readonly Word[], fallback: Word): Word {
  const text = parameters.get(key);
  if (text === null) return fallback;
  const word = allowed.find((candidate) => candidate === text);
  if (word === undefined) throw badParameter(key, text, 'is not known', `Allowed: ${allowed.join(', ')}.`, suggest(text, allowed));
  return word;
}

export function readCount(parameters: Parameters, key: string, fallback: number, max: number): number {
  const text = parameters.get(key);
  if (text === null) return fallback;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > max) {
    const nearest = /^\d{1,9}$/.test(text) ? String(Math.min(Math.max(count, 1), max)) : undefined;
    throw badParameter(key, text, `is not a whole number from 1 to ${max}`, `Give a number from 1 to ${max}.`, nearest);
  }
  return count;
}

/** The calendar of the ledger, in another zone when `tz` names one. */
export function readCalendar(parameters: Parameters, config: Config): CalendarOptions {
  const spelling = parameters.get('tz') ?? config.timezone;
  try {
    return { timeZone: zoneName(spelling), weekStart: config.week_start };
  } catch {
    const hint = 'Give an IANA name such as Europe/Berlin or UTC, or an offset of whole quarters of an hour such as +05:45.';
    throw badParameter('tz', spelling, 'is not a time zone', hint, suggest(spelling, zoneNames()));
  }
}

/** In which somebody may say the time that a question is about. */
export const TIME_RANGE_WORDS: readonly string[] = ['period', 'from', 'to', 'since', 'until'];

/** Is a time range given? Without one most questions have a time of their own. */
export const hasTimeRange = (parameters: Parameters): boolean => TIME_RANGE_WORDS.some((key) => parameters.has(key));

export function readTimeRange(parameters: Parameters, calendar: CalendarOptions, nowMs: number): TimeRange {
  const word = (key: string): string | undefined => parameters.get(key) ?? undefined;
  return parseTimeRange({ period: word('period'), from: word('from'), to: word('to'), since: word('since'), until: word('until') }, calendar, nowMs);
}

/** `where=team:platform` as often as wanted: dimensions are joined by AND, values of one dimension by OR. Dimensions are known by their aliases, too. */
export function readWhere(parameters: Parameters, key = 'where'): readonly Filter[] {
  const values = new Map<DimensionName, Set<string>>();
  for (const text of parameters.getAll(key)) {
    const colon = text.indexOf(':');
    const name = dimensionOf(text.slice(0, Math.max(colon, 0)));
    if (name === undefined) {
      throw badParameter(
        key,
        text,
        'is not a filter',
        `Write dimension:value, such as team:platform. Dimensions: ${DIMENSION_NAMES.join(', ')}.`,
        nearestFilter(text, colon),
      );
    }
    const wanted = values.get(name) ?? new Set();
    values.set(name, wanted.add(storedValue(name, text.slice(colon + 1))));
    if (wanted.size > FILTER_VALUES_MAX) throw badParameter(key, text, `is value ${wanted.size} of ${name}`, `Give at most ${FILTER_VALUES_MAX}.`);
  }
  return [...values].map(([dimension, wanted]) => ({ dimension, values: [...wanted] }));
}

/** The same value of the dimension that was probably meant. */
function nearestFilter(text: string, colon: number): string | undefined {
  const nearest = colon < 1 ? undefined : nearestDimension(text.slice(0, colon));
  return nearest === undefined ? undefined : `${nearest}${text.slice(colon)}`;
}

const POINT = 'a date (2026-11-20), a month (2026-11), an instant, now-7d, or the start of a period';

/** What readCalendar and readTimeRange read, as documents say it. */
export const TIME_RANGE_SHAPES = {
  from: {
    schema: z
      .string()
      .describe(`Start, included: ${POINT}. Without it: since the beginning.`)
      .meta({ examples: ['2026-11-01'] }),
  },
  to: {
    schema: z
      .string()
      .describe(`End, not included: ${POINT}. Without it: until now.`)
      .meta({ examples: ['2026-12-01'] }),
  },
  since: {
    schema: z
      .string()
      .describe('The same as from.')
      .meta({ examples: ['20261101'] }),
  },
  until: {
    schema: z
      .string()
      .describe('End, included, instead of to: a date or period to its end.')
      .meta({ examples: ['2026-11-30'] }),
  },
  period: {
    schema: z
      .string()
      .describe(
        `A whole period, instead of from and to: ${PERIOD_WORDS.join(', ')} (or with hyphens), a rolling one (24h, 7d, last-30d), or a date, month, quarter or year (2026-11-20, 2026-11, 2026-Q4, 2026).`,
      )
      .meta({ examples: ['this_month', 'last-24h'] }),
  },
  tz: {
    schema: z
      .string()
      .describe('Time zone of days, weeks and months. Without it: that of the configuration.')
      .meta({ examples: ['Europe/Berlin'] }),
  },
} as const;

export const WHERE_SHAPE = {
  schema: z
    .string()
    .describe('Filter as dimension:value; repeatable. All dimensions must match, values of one dimension are alternatives.')
    .meta({ examples: ['team:platform'] }),
  isRepeatable: true,
} as const;

const TABLE_FORMATS = ['json', 'csv'] as const;

/** Throws for a format that there is none of: whoever sends the answer takes it for JSON. */
export const checkFormat = (parameters: Parameters): void => void readWord(parameters, 'format', TABLE_FORMATS, 'json');

/** Of questions that answer with a table. */
export const FORMAT_SHAPE = { schema: z.enum(TABLE_FORMATS).describe('Or the header Accept: text/csv.').meta({ default: 'json' }) } as const;
