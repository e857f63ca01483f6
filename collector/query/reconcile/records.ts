/** Lines of the provider's records to what was billed and counted, by day, the provider's workspace and model. Pure. */
import { type Billed, type ByClass, type Counted, NO_BILLED, NO_TOKENS, TOKEN_CLASSES, type TokenClass } from './cell.ts';

/** Sums of lines of one source that say the same about themselves. Texts are the provider's; '': not known. Money in pico-dollars. */
export interface RecordLine {
  readonly source: string;
  readonly account: string;
  readonly day: string;
  readonly workspace: string;
  readonly model: string;
  readonly provider: string;
  readonly region: string;
  readonly product: string;
  readonly costType: string;
  readonly tokenClass: string;
  readonly serviceTier: string;
  readonly speed: string;
  readonly contextWindow: string;
  readonly inferenceGeo: string;
  readonly billed: bigint | undefined;
  readonly list: bigint | undefined;
  readonly tokens: bigint | undefined;
}

/** List price of a token of each class, in pico-dollars. */
export interface LineRates {
  /** As list cost has it. */
  readonly plain: ByClass;
  /** With what comes on top where the model was to run in one place only. */
  readonly surcharged: ByClass;
}

/** Undefined where the model has no list price. */
export type RatesOf = (
  line: Pick<RecordLine, 'model' | 'day' | 'speed' | 'contextWindow' | 'provider' | 'region' | 'inferenceGeo'>,
) => LineRates | undefined;

export type Usage = 'tokens' | 'tools' | 'batch' | 'otherProducts' | 'discounts' | 'credits';

/** What usage a line is about. `products`: those that Claude Code is. */
export function usageOf({ product, serviceTier, costType }: RecordLine, products: readonly string[]): Usage {
  // AWS has them as lines, such as edp_discount, private_rate_discount, credit and refund: of whatever they are taken off.
  if (costType.endsWith('_discount')) return 'discounts';
  if (costType === 'credit' || costType === 'refund') return 'credits';
  if (product === 'message_batches_api' || serviceTier === 'batch') return 'batch';
  if (product !== '' && !products.includes(product)) return 'otherProducts';
  return costType === '' || costType === 'tokens' ? 'tokens' : 'tools';
}

/** The part of an amount at the provider's list price that is a surcharge. */
function surchargeIn(amount: bigint, rates: LineRates | undefined): bigint {
  if (rates === undefined || rates.surcharged.input === 0n) return 0n;
  return amount - (amount * rates.plain.input) / rates.surcharged.input;
}

interface Reading {
  readonly products: readonly string[];
  readonly ratesOf: RatesOf;
}

/** Of the lines of one place from the source that says what is billed, and perhaps list prices. */
export function billedOf(lines: readonly RecordLine[], { products, ratesOf, saysList }: Reading & { readonly saysList: boolean }): Billed {
  const sums = { tokens: 0n, tools: 0n, batch: 0n, otherProducts: 0n, discounts: 0n, credits: 0n };
  let list = 0n;
  let listSurcharge = 0n;
  let hasList = saysList;
  for (const line of lines) {
    if (line.billed === undefined) continue;
    const usage = usageOf(line, products);
    sums[usage] += line.billed;
    if (usage !== 'tokens') continue;
    if (line.list === undefined) hasList = false;
    list += line.list ?? 0n;
    listSurcharge += surchargeIn(line.list ?? 0n, ratesOf(line));
  }
  return hasList ? { ...sums, list, listSurcharge } : { ...NO_BILLED, ...sums };
}

/** Of the lines of one place from the source that counts. `rates`: of the model, for what was not counted. */
export function countedOf(lines: readonly RecordLine[], rates: ByClass, { products, ratesOf }: Reading): Counted {
  const tokens = { ...NO_TOKENS } as Record<TokenClass, bigint>;
  const list = { ...NO_TOKENS } as Record<TokenClass, bigint>;
  let [surcharge, lifetime, unpriced] = [0n, 0n, 0n];
  for (const line of lines) {
    const name = classOf(line.tokenClass);
    if (line.tokens === undefined || name === undefined || usageOf(line, products) !== 'tokens') continue;
    tokens[name] += line.tokens;
    const own = ratesOf(line);
    if (own === undefined) unpriced += line.tokens;
    const { plain, surcharged } = own ?? UNPRICED;
    list[name] += line.tokens * plain[name];
    surcharge += line.tokens * (surcharged[name] - plain[name]);
    if (name === 'cacheWrite1h') lifetime += line.tokens * (plain[name] - plain.cacheWrite5m);
  }
  return { tokens, list, rates, surcharge, lifetime, unpriced };
}

const UNPRICED: LineRates = { plain: NO_TOKENS, surcharged: NO_TOKENS };

/** The class of tokens in the words of a record, such as cache_creation.ephemeral_1h_input_tokens; undefined for none of ours. */
export function classOf(words: string): TokenClass | undefined {
  const text = words.toLowerCase();
  const known = TOKEN_CLASSES.find((name) => name.toLowerCase() === text);
  if (known !== undefined) return known;
  if (/cache.?read/.test(text)) return 'cacheRead';
  if (/cache.?(?:creation|write)/.test(text)) return /1h|one.?hour/.test(text) ? 'cacheWrite1h' : 'cacheWrite5m';
  if (/output/.test(text)) return 'output';
  return /input/.test(text) ? 'input' : undefined;
}
