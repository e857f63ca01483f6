/** Parts that answers have in common, as zod schemas. Their shapes and units are the promise of the API. */
import { z } from 'zod';
import { DIMENSION_NAMES } from '../catalog/measures.ts';

/** What a schema describes, as code hands it on: nobody changes an answer. */
export type AnswerOf<Schema extends z.ZodType> = Frozen<z.infer<Schema>>;
type Frozen<Value> = Value extends object ? { readonly [Key in keyof Value]: Frozen<Value[Key]> } : Value;

/** Exact: never a float. */
export const usdSchema = z
  .string()
  .regex(/^-?\d+\.\d+$/)
  .describe('US dollars as an exact decimal.')
  .meta({ id: 'Usd', examples: ['0.005343'] });

/** Money as a decimal string; counts beyond 2^53 as a string of digits; everything else as a number in the unit of its measure. */
export const amountSchema = z
  .union([usdSchema, z.string().regex(/^-?\d+$/), z.number()])
  .describe('Money and counts beyond 2^53 as a string, the rest as a number.')
  .meta({ id: 'Amount' });

/** Of a table: a name, an instant or an amount; null where there is no figure. */
export const cellSchema = z.union([z.string(), z.number(), z.null()]);

export const instantSchema = z.iso
  .datetime()
  .describe('UTC.')
  .meta({ examples: ['2026-11-20T10:15:00.000Z'] });

/** Fields of every answer with figures: how old they are. */
export const ageSchema = {
  as_of: instantSchema.nullable().describe('When the ledger last committed; null while it is empty.'),
  age_seconds: z.number().int().nonnegative().nullable().describe('Seconds since then.'),
};

export const findingSchema = z
  .object({
    code: z.string().describe('Stable; scripts may look for it.'),
    severity: z.enum(['ok', 'info', 'warning', 'critical']),
    message: z.string().describe('What was seen, with its figures.'),
    remedy: z.string().describe('What to do about it; empty when nothing is to be done.'),
  })
  .meta({ id: 'Finding' });

export const hintSchema = z
  .object({
    dimension: z.enum(DIMENSION_NAMES),
    value: z.string().describe('As shown.'),
    nearest: z.string().nullable().describe('The known value nearest to it; null when none is near.'),
    message: z.string().describe('The same as a sentence.'),
  })
  .meta({ id: 'FilterHint' });

/** Of answers that filters narrow. */
export const hintsSchema = z.array(hintSchema).describe('For each value of the filters that no record has.');
