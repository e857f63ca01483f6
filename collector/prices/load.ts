/** Reads price tables: the built-in one beside this file, and the operator's own. docs/prices.md describes the format. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { DAY_MESSAGE, isDay } from '../day.ts';
import { LedgerlineError } from '../error.ts';
import { createPriceBook, type PriceBook, type PriceTable } from '../price.ts';

const BUILT_IN = fileURLToPath(new URL('anthropic.yaml', import.meta.url));

const rate = z.string().regex(/^\d{1,6}(\.\d{1,6})?$/, 'must be USD per million tokens in quotes with at most six decimals, such as "3.75"');
const rates = z.strictObject({ input: rate, output: rate, cache_write_5m: rate, cache_write_1h: rate, cache_read: rate });
const day = z.string().refine(isDay, DAY_MESSAGE);

const row = z.strictObject({
  from: day,
  normal: rates,
  fast: rates.optional(),
  above: z.strictObject({ prompt_tokens: z.number().int().min(1), normal: rates }).optional(),
});

export const priceFileSchema = z.strictObject({
  version: z.literal(1),
  currency: z.literal('USD'),
  models: z.record(z.string().min(1), z.array(row).min(1).refine(hasDistinctDays, 'has two rows for one day')),
});

function hasDistinctDays(rows: readonly { readonly from: string }[]): boolean {
  return new Set(rows.map(({ from }) => from)).size === rows.length;
}

/** The built-in list prices, overlaid by the operator's file. Throws `invalid` with the key, the value and the remedy. */
export function loadPriceBook(ownFile?: string): PriceBook {
  const builtIn = loadPriceTable(BUILT_IN);
  return createPriceBook(ownFile === undefined ? [builtIn] : [builtIn, loadPriceTable(ownFile)]);
}

export const loadPriceTable = (file: string): PriceTable => parsePriceTable(readPrices(file), file);

function readPrices(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new LedgerlineError('invalid', `The price file ${file} cannot be read.`, {
      hint: 'Correct models.prices_file, or the permissions of the file.',
      cause,
    });
  }
}

export function parsePriceTable(text: string, file: string): PriceTable {
  let content: unknown;
  try {
    content = parse(text);
  } catch (cause) {
    throw new LedgerlineError('invalid', `${file} is no YAML: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const checked = priceFileSchema.safeParse(content);
  if (checked.success) return checked.data.models;
  const problems = checked.error.issues.map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`);
  throw new LedgerlineError('invalid', `${file} is no price table: ${problems.join('; ')}.`, { hint: 'docs/prices.md describes the format.' });
}
