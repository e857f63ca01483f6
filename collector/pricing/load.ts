/** Reads price tables: the built-in one beside this file, and the operator's own. docs/prices.md describes the format. */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { DAY_MESSAGE, isDay } from '../core/day.ts';
import { readOperatorFile } from '../core/yaml-file.ts';
import { createPriceBook, type PriceBook, type PriceTable } from './price-book.ts';

const BUILT_IN = fileURLToPath(new URL('./anthropic.yaml', import.meta.url));

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

export const PRICE_FILE = { what: 'price table', key: 'models.prices_file', page: 'docs/prices.md', schema: priceFileSchema } as const;

export const loadPriceTable = (file: string): PriceTable => readOperatorFile(file, PRICE_FILE).models;
