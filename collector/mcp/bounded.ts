/** Answers cut to what a model can read: a context is not flooded, and what was left out is counted, never hidden. */
import { LedgerlineError } from '../core/error.ts';

/** Of one list. */
export const ROWS_MAX = 100;
/** Of a question that comes in pages, where it does not say itself. */
export const PAGE_ROWS = 50;
/** Of the whole answer as JSON: about 6,000 tokens. */
const CHARACTERS_MAX = 24_000;

const WORDS = 'sentences';

export interface LeftOut {
  /** Where the list is: rows, models[0].users. */
  readonly list: string;
  readonly shown: number;
  readonly total: number;
}

export const LEFT_OUT_SCHEMA = {
  type: 'array',
  description: 'Lists that were cut, since the whole is too long to read: narrow the question to see the rest.',
  items: {
    type: 'object',
    properties: { list: { type: 'string' }, shown: { type: 'integer' }, total: { type: 'integer' } },
    required: ['list', 'shown', 'total'],
    additionalProperties: false,
  },
} as const;

export type Bounded = Readonly<Record<string, unknown>> & { readonly cut_lists?: readonly LeftOut[] };

/** What an answer says in words comes first, and the first of each list, as many as fit. Throws `too_large` where even one of each is too much. */
export function bounded(answer: object): Bounded {
  const fields = Object.entries(answer).toSorted(([a], [b]) => Number(b === WORDS) - Number(a === WORDS));
  for (let rowsMax = ROWS_MAX; rowsMax > 0; rowsMax = Math.floor(rowsMax / 2)) {
    const leftOut: LeftOut[] = [];
    const cut = Object.fromEntries(fields.map(([key, value]) => [key, cutLists(value, key, rowsMax, leftOut)]));
    const shown = leftOut.length === 0 ? cut : { ...cut, cut_lists: leftOut };
    if (JSON.stringify(shown).length <= CHARACTERS_MAX) return shown;
  }
  throw new LedgerlineError('too_large', 'The answer is longer than a model can read.', {
    hint: 'Narrow the question: a shorter time, fewer dimensions, a wider grain, or filters.',
  });
}

function cutLists(value: unknown, path: string, rowsMax: number, leftOut: LeftOut[]): unknown {
  if (Array.isArray(value)) {
    if (value.length > rowsMax) leftOut.push({ list: path, shown: rowsMax, total: value.length });
    return value.slice(0, rowsMax).map((item: unknown, index) => cutLists(item, `${path}[${index}]`, rowsMax, leftOut));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, cutLists(field, `${path}.${key}`, rowsMax, leftOut)]));
}
