/** Reads price tables: the built-in ones beside this file, and the operator's own. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import type { Config } from '../config/config.ts';
import { learntPricesFileOf } from '../config/data-folder.ts';
import { parseOperatorFile, readOperatorFile } from '../core/yaml-file.ts';
import { learntFrom } from './learn/learnt-file.ts';
import { createModifiers, type ModifierRows } from './modifiers.ts';
import { createPriceBook, type PriceBook, type PriceTable } from './price-book.ts';
import { MODIFIERS_FILE, PRICE_FILE, type priceFileSchema } from './price-files.ts';

export { PRICE_FILE } from './price-files.ts';

export const BUILT_IN = fileURLToPath(new URL('./anthropic.yaml', import.meta.url));
/** Both as they were read. */
const BUILT_IN_READ = fileURLToPath(new URL('./built-in.json', import.meta.url));
const MODIFIERS = fileURLToPath(new URL('./modifiers.yaml', import.meta.url));

export type PriceFile = z.output<typeof priceFileSchema>;

/** Throws `invalid` with the key, the value and the remedy. */
export const loadPriceFile = (file: string): PriceFile => inFull(readOperatorFile(file, PRICE_FILE));
export const loadPriceTable = (file: string): PriceTable => loadPriceFile(file).models;

/** With the sources that rows name in short. */
function inFull(file: PriceFile): PriceFile {
  const { sources = {}, retirements = {} } = file;
  const full = <Sourced extends { readonly source?: string | undefined }>(of: Sourced): Sourced =>
    of.source === undefined ? of : { ...of, source: sources[of.source] ?? of.source };
  return {
    ...file,
    models: Object.fromEntries(Object.entries(file.models).map(([model, rows]) => [model, rows.map(full)])),
    retirements: Object.fromEntries(Object.entries(retirements).map(([model, retirement]) => [model, full(retirement)])),
  };
}

export const parsePriceTable = (text: string, file: string): PriceTable => parseOperatorFile(text, file, PRICE_FILE).models;

/** What is charged beside the built-in rates. */
export const loadModifiers = (): ModifierRows => readOperatorFile(MODIFIERS, MODIFIERS_FILE);

interface BuiltIn {
  readonly file: PriceFile;
  readonly modifiers: ModifierRows;
}
let read: BuiltIn | undefined;

/** What comes with the program, read once: it does not change while the program runs. */
export function builtIn(): BuiltIn {
  // The cast is of what builtInText made.
  read ??= JSON.parse(readFileSync(BUILT_IN_READ, 'utf8')) as BuiltIn;
  return read;
}

/** Of built-in.json, which `npm run generate` writes: reading and checking the YAML took a tenth of a start, in each thread. */
export const builtInText = (): string =>
  `${JSON.stringify({ file: loadPriceFile(BUILT_IN), modifiers: loadModifiers() } satisfies BuiltIn, null, 1)}\n`;

/** What is published, without anything of the operator's own; with `ownFile`, its rows laid over. */
export const loadPriceBook = (ownFile?: string): PriceBook => configuredPrices({ models: { prices_file: ownFile } });

/**
 * The built-in list prices, overlaid by the operator's file, and what the configuration says was agreed. `learnt` is what the collector
 * itself has learnt; others read it from the data folder. Neither counts where learning is switched off.
 */
export function configuredPrices({ models, prices, data }: ConfiguredPrices, learnt?: () => PriceTable): PriceBook {
  const { file, modifiers } = builtIn();
  const tables = models.prices_file === undefined ? [file.models] : [file.models, loadPriceTable(models.prices_file)];
  const kept = data === undefined ? undefined : learntFrom(learntPricesFileOf({ data }));
  const learning = prices?.learn === false ? undefined : (learnt ?? kept);
  return createPriceBook(tables, {
    modifiers: createModifiers(modifiers),
    ...(prices && { terms: prices }),
    ...(learning && { learnt: learning }),
  });
}

interface ConfiguredPrices {
  readonly models: { readonly prices_file?: string | undefined };
  readonly prices?: Config['prices'];
  readonly data?: string;
}
