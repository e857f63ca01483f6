/** What FOCUS calls a class of a model's tokens: few, and on every row. */
import { BoundedMap } from '../../core/bounded-map.ts';
import { type Charge, nameOrNull } from '../charges.ts';
import type { TokenClass } from '../token-classes.ts';
import { tokenWords } from '../wording.ts';

export interface Sku {
  /** What it is, whatever it costs: "claude-opus-5-5/input". */
  readonly id: string;
  /** The same by all that makes its price: speed, provider and region. "claude-opus-5-5/fast/input", "claude-opus-5-5/bedrock/us/input". */
  readonly priceId: string;
  /** JSON of what does not change with the price. */
  readonly details: string;
  readonly description: string;
}

const KNOWN_MAX = 10_000;
const OWN_API = 'firstParty';
const known = new BoundedMap<string, Sku>(KNOWN_MAX);

/** Undefined for a charge that has no price. */
export function skuOf(charge: Charge): Sku | undefined {
  if (charge.priced === undefined) return undefined;
  const { tokenClass } = charge.priced;
  const offer = offerOf(charge);
  const key = `${tokenClass}\n${offer.model}\n${offer.speed}\n${offer.provider}\n${offer.region}`;
  return known.get(key) ?? known.set(key, describe(offer, tokenClass));
}

interface Offer {
  readonly model: string;
  readonly speed: 'normal' | 'fast';
  /** Null: Anthropic's own API, which is also what clients leave out. */
  readonly provider: string | null;
  readonly region: string | null;
}

function offerOf(charge: Charge): Offer {
  const provider = nameOrNull(charge, 'provider');
  return {
    model: nameOrNull(charge, 'model') ?? '',
    speed: nameOrNull(charge, 'speed') === 'fast' ? 'fast' : 'normal',
    provider: provider === OWN_API ? null : provider,
    region: nameOrNull(charge, 'region'),
  };
}

function describe({ model, speed, provider, region }: Offer, tokenClass: TokenClass): Sku {
  const { id, meter } = tokenWords(tokenClass);
  const parts = [model, speed === 'fast' ? speed : null, provider, region, id];
  return {
    id: `${model}/${id}`,
    priceId: parts.filter((part) => part !== null).join('/'),
    details: JSON.stringify({
      ...{ x_Model: model, x_Speed: speed, x_TokenClass: id },
      ...(provider !== null && { x_Provider: provider }),
      ...(region !== null && { x_Region: region }),
    }),
    description: `${model}: ${meter.toLowerCase()}`,
  };
}
