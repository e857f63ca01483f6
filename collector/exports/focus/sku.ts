/** What FOCUS calls a class of a model's tokens: few, and on every row. */
import { BoundedMap } from '../../core/bounded-map.ts';
import { type Charge, nameOrNull } from '../charges.ts';
import type { TokenClass } from '../token-classes.ts';
import { tokenWords } from '../wording.ts';

export interface Sku {
  /** What it is, whatever it costs: "claude-opus-5-5/input". */
  readonly id: string;
  /** The same at its speed: "claude-opus-5-5/fast/input". */
  readonly priceId: string;
  /** JSON of what does not change with the price. */
  readonly details: string;
  readonly description: string;
}

const KNOWN_MAX = 10_000;
const known = new BoundedMap<string, Sku>(KNOWN_MAX);

/** Undefined for a charge that has no price. */
export function skuOf(charge: Charge): Sku | undefined {
  if (charge.priced === undefined) return undefined;
  const { tokenClass } = charge.priced;
  const model = nameOrNull(charge, 'model') ?? '';
  const isFast = nameOrNull(charge, 'speed') === 'fast';
  const key = `${tokenClass} ${isFast} ${model}`;
  return known.get(key) ?? known.set(key, describe(model, isFast, tokenClass));
}

function describe(model: string, isFast: boolean, tokenClass: TokenClass): Sku {
  const { id, meter } = tokenWords(tokenClass);
  return {
    id: `${model}/${id}`,
    priceId: `${model}${isFast ? '/fast' : ''}/${id}`,
    details: JSON.stringify({ x_Model: model, x_Speed: isFast ? 'fast' : 'normal', x_TokenClass: id }),
    description: `${model}: ${meter.toLowerCase()}`,
  };
}
