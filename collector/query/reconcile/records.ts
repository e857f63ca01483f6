/** Lines of the provider's records to what was billed and counted, by day, the provider's workspace and model. Pure. */
import { type Billed, type ByClass, type Counted, NO_BILLED, NO_TOKENS, TOKEN_CLASSES, type TokenClass } from './cell.ts';

/** Sums of lines of one source that say the same about themselves. Texts are the provider's; '': not known. Money in pico-dollars. */
export interface RecordLine {
  readonly source: string;
  readonly day: string;
  readonly workspace: string;
  readonly model: string;
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

/** List price of a token of each class, in pico-dollars; undefined where the model has none. */
export type RatesOf = (line: Pick<RecordLine, 'model' | 'day' | 'speed' | 'contextWindow' | 'region'>) => ByClass | undefined;

export type Usage = 'tokens' | 'tools' | 'batch' | 'otherProducts';

/** What usage a line is about. `products`: those that Claude Code is. */
export function usageOf({ product, serviceTier, costType }: RecordLine, products: readonly string[]): Usage {
  if (product === 'message_batches_api' || serviceTier === 'batch') return 'batch';
  if (product !== '' && !products.includes(product)) return 'otherProducts';
  return costType === '' || costType === 'tokens' ? 'tokens' : 'tools';
}

/** Inference in the United States alone costs a tenth more. */
const SURCHARGES: Readonly<Record<string, { readonly times: bigint; readonly of: bigint }>> = { us: { times: 11n, of: 10n } };

/** The part of an amount, surcharge included, that is surcharge. */
function surchargeIn(amount: bigint, { inferenceGeo }: RecordLine): bigint {
  const factor = SURCHARGES[inferenceGeo];
  return factor === undefined ? 0n : amount - (amount * factor.of) / factor.times;
}

/** What comes on top of an amount without it. */
function surchargeOn(amount: bigint, { inferenceGeo }: RecordLine): bigint {
  const factor = SURCHARGES[inferenceGeo];
  return factor === undefined ? 0n : (amount * factor.times) / factor.of - amount;
}

/** Of the lines of one place from the source that says what is billed, and perhaps list prices. */
export function billedOf(
  lines: readonly RecordLine[],
  { products, saysList }: { readonly products: readonly string[]; readonly saysList: boolean },
): Billed {
  const sums = { tokens: 0n, tools: 0n, batch: 0n, otherProducts: 0n };
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
    listSurcharge += surchargeIn(line.list ?? 0n, line);
  }
  return hasList ? { ...sums, list, listSurcharge } : { ...NO_BILLED, ...sums };
}

/** Of the lines of one place from the source that counts. `rates`: of the model, for what was not counted. */
export function countedOf(lines: readonly RecordLine[], products: readonly string[], ratesOf: RatesOf, rates: ByClass): Counted {
  const tokens = { ...NO_TOKENS } as Record<TokenClass, bigint>;
  const list = { ...NO_TOKENS } as Record<TokenClass, bigint>;
  let [surcharge, lifetime, unpriced] = [0n, 0n, 0n];
  for (const line of lines) {
    const name = classOf(line.tokenClass);
    if (line.tokens === undefined || name === undefined || usageOf(line, products) !== 'tokens') continue;
    tokens[name] += line.tokens;
    const own = ratesOf(line);
    if (own === undefined) unpriced += line.tokens;
    const worth = line.tokens * (own?.[name] ?? 0n);
    list[name] += worth;
    surcharge += surchargeOn(worth, line);
    if (name === 'cacheWrite1h') lifetime += worth - line.tokens * (own?.cacheWrite5m ?? 0n);
  }
  return { tokens, list, rates, surcharge, lifetime, unpriced };
}

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
