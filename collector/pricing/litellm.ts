/** LiteLLM's public price map (model_prices_and_context_window.json) as rows of a price table. */
import { z } from 'zod';
import { parseUsd } from '../core/money.ts';
import { fractionOf } from './fraction.ts';
import type { PriceRow } from './periods.ts';
import { RATE_CLASS_NAMES, type Rates } from './rates.ts';

/** USD for one token. */
const FIELDS = {
  input: 'input_cost_per_token',
  output: 'output_cost_per_token',
  cache_write_5m: 'cache_creation_input_token_cost',
  cache_write_1h: 'cache_creation_input_token_cost_above_1hr',
  cache_read: 'cache_read_input_token_cost',
} as const satisfies Record<keyof Rates, string>;

const DECIMAL = /^\d+(?:\.\d+)?$/;
const BAND = /^input_cost_per_token_above_(\d+)k_tokens$/;
const PICO_PER_TOKEN_MAX = 1_000_000_000_000n;
/** What a few multiplications lose. */
const DOUBLE = 2 ** -50;

const mapSchema = z.record(z.string(), z.record(z.string(), z.unknown()));
const entrySchema = z.looseObject({
  litellm_provider: z.string().optional(),
  provider_specific_entry: z.looseObject({ fast: z.number().optional() }).optional(),
});

export type ImportedRates = Pick<PriceRow, 'normal' | 'fast' | 'above'>;

export interface ImportedPrices {
  /** By normalized name. */
  readonly rates: ReadonlyMap<string, ImportedRates>;
  /** Entries of Claude models that are no row, or have no fast mode in it, and why. */
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
}

/** `modelOf` normalizes an id; undefined for what is no Claude model. Undefined where the text is no such map. */
export function readLiteLlm(text: string, provider: string, modelOf: (id: string) => string | undefined): ImportedPrices | undefined {
  const map = parsed(text);
  if (map === undefined) return undefined;
  const rates = new Map<string, ImportedRates>();
  const skipped: { id: string; reason: string }[] = [];
  for (const [id, entry] of Object.entries(map)) {
    const model = modelOf(id);
    const known = entrySchema.safeParse(entry).data;
    if (model === undefined || known?.litellm_provider !== provider) continue;
    const fastTimes = known.provider_specific_entry?.fast;
    const read = ratesOf(entry, fastTimes);
    const before = rates.get(model);
    if (typeof read !== 'string' && fastTimes !== undefined && read.fast === undefined)
      skipped.push({ id: `${id} in fast mode`, reason: `${fastTimes} times its rates are no exact ones` });
    if (typeof read === 'string') skipped.push({ id, reason: read });
    else if (before === undefined) rates.set(model, read);
    else if (JSON.stringify(before) !== JSON.stringify(read)) skipped.push({ id, reason: `another entry of ${model} has other rates` });
  }
  return { rates, skipped };
}

function parsed(text: string): z.output<typeof mapSchema> | undefined {
  try {
    return mapSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Rates, or why there are none. */
function ratesOf(entry: Readonly<Record<string, unknown>>, fastTimes: number | undefined): ImportedRates | string {
  const normal = readRates(entry, '');
  if (typeof normal === 'string') return normal;
  const thousands = Object.keys(entry).flatMap((key) => BAND.exec(key)?.[1] ?? []);
  if (thousands.length > 1) return 'it has more than one band of long prompts';
  const [band] = thousands;
  const above = band === undefined ? undefined : readRates(entry, `_above_${band}k_tokens`);
  if (typeof above === 'string') return above;
  const fast = fastTimes === undefined ? undefined : multiplied(normal, fastTimes);
  return {
    normal,
    ...(fast !== undefined && { fast }),
    ...(above !== undefined && { above: { prompt_tokens: Number(band) * 1_000, normal: above } }),
  };
}

function readRates(entry: Readonly<Record<string, unknown>>, suffix: string): Rates | string {
  const read = RATE_CLASS_NAMES.map((name) => [name, perMillion(entry[`${FIELDS[name]}${suffix}`])] as const);
  const missing = read.find(([, rate]) => rate === undefined);
  if (missing !== undefined) return `it has no exact ${FIELDS[missing[0]]}${suffix}`;
  const rates = new Map(read.map(([name, rate]) => [name, rate ?? '']));
  const of = (name: keyof Rates): string => rates.get(name) ?? '';
  return {
    ...{ input: of('input'), output: of('output'), cache_read: of('cache_read') },
    ...{ cache_write_5m: of('cache_write_5m'), cache_write_1h: of('cache_write_1h') },
  };
}

/** A JSON number of USD for one token as USD per million. Undefined where that is no whole number of pico-dollars. */
function perMillion(perToken: unknown): string | undefined {
  if (typeof perToken !== 'number' || !(perToken >= 0)) return undefined;
  const pico = parseUsd(String(perToken));
  if (pico === undefined || pico > PICO_PER_TOKEN_MAX) return undefined;
  // The map is made by programs that multiply doubles: 2.9999900000000002e-06.
  return Math.abs(Number(pico) / 1e12 - perToken) <= perToken * DOUBLE ? shown(pico) : undefined;
}

/** Pico-dollars for one token as USD per million: "3.75", "0.125", "15". */
function shown(pico: bigint): string {
  const decimals = (pico % 1_000_000n).toString().padStart(6, '0').replace(/0+$/, '');
  return `${pico / 1_000_000n}${decimals === '' ? '' : `.${decimals.padEnd(2, '0')}`}`;
}

/** Undefined where a multiple is no whole number of pico-dollars. */
function multiplied(rates: Rates, times: number): Rates | undefined {
  // Of doubles, 3.75 times 1.1 is no whole number to the last bit.
  const factor = DECIMAL.test(String(times)) ? fractionOf(String(times)) : undefined;
  if (factor === undefined) return undefined;
  const of = (name: keyof Rates): string | undefined => {
    const product = ((parseUsd(rates[name]) ?? 0n) / 1_000_000n) * factor.over;
    return product % factor.under === 0n && product / factor.under <= PICO_PER_TOKEN_MAX ? shown(product / factor.under) : undefined;
  };
  const [input, output, cache_write_5m, cache_write_1h, cache_read] = RATE_CLASS_NAMES.map(of);
  if ([input, output, cache_write_5m, cache_write_1h, cache_read].includes(undefined)) return undefined;
  return {
    input: input ?? '',
    output: output ?? '',
    cache_write_5m: cache_write_5m ?? '',
    cache_write_1h: cache_write_1h ?? '',
    cache_read: cache_read ?? '',
  };
}
