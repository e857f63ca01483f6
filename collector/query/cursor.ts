/**
 * Pages of long answers. A cursor says where the next page begins; it is opaque, and belongs to one question: with other parameters it is
 * refused, since the place that it names is another one there.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { badParameter, type Parameters } from './parameters.ts';
import type { ParameterShapes } from './question.ts';

/** May change from page to page. */
const UNBOUND = new Set(['cursor', 'limit', 'format']);
const REMEDY = 'Give `next` of the answer before, with the same other parameters; leave cursor out to begin again.';
const CURSOR_MAX = 512;

/** `limit` and `cursor` of a question that comes in pages of at most `max`. */
export const pageShapes = (max: number, withoutIt: string): ParameterShapes => ({
  limit: {
    schema: z
      .number()
      .int()
      .min(1)
      .max(max)
      .describe(`Rows of one page. Without it: ${withoutIt}.`)
      .meta({ examples: [100] }),
  },
  cursor: {
    schema: z
      .string()
      .regex(/^[\w-]+$/)
      .max(CURSOR_MAX)
      .describe('`next` of the answer before; all other parameters but limit stay the same.'),
  },
});

/** In answers that come in pages. */
export const nextSchema = z.string().nullable().describe('Cursor of the next page; null where there is none.');

/** What a cursor belongs to: all that was asked, but for what may change from page to page. */
function boundTo(parameters: Parameters): string {
  const asked = [...parameters].filter(([key]) => !UNBOUND.has(key)).map((pair) => JSON.stringify(pair));
  return createHash('sha256').update(asked.sort().join('\n')).digest('base64url').slice(0, 10);
}

/** `position` is what JSON holds: no bigint, no undefined. */
export const writeCursor = (position: unknown, parameters: Parameters): string =>
  Buffer.from(JSON.stringify([boundTo(parameters), position])).toString('base64url');

/** The position that the cursor names; undefined on the first page. Throws `invalid` for one of another question, or made up. */
export function readCursor<Position>(parameters: Parameters, schema: z.ZodType<Position>): Position | undefined {
  const text = parameters.get('cursor');
  if (text === null) return undefined;
  const parsed = z.tuple([z.string(), schema]).safeParse(decoded(text));
  if (!parsed.success) throw badParameter('cursor', text, 'is no cursor of this question', REMEDY);
  const [bound, position] = parsed.data;
  if (bound !== boundTo(parameters)) throw badParameter('cursor', text, 'belongs to other parameters', REMEDY);
  return position;
}

function decoded(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
