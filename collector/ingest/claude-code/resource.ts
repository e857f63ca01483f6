/**
 * What records of one resource have in common, worked out once and remembered: the owner they claim and their series.
 * Remembering is a matter of speed only; no result depends on it, and it is bounded.
 */
import { LRUCache } from 'lru-cache';
import type { Dimensions } from '../../catalog/measures.ts';
import { framed } from '../../core/framed.ts';
import type { Attributes, AttributeValue, Claims } from '../attribution/claims.ts';
import type { RunAttributes } from '../attribution/job.ts';
import { readLabel } from './attributes.ts';
import { readResourceDimensions } from './dimensions.ts';
import { canonicalText } from './identity.ts';
import { KNOWN_ATTRIBUTES, RESOURCE_ATTRIBUTES } from './known-attributes.ts';
import type { SeriesReading } from './series.ts';

/** Of each: resources, and claims and series over all resources. The keys of 20,000 real ones have half as many characters. */
const REMEMBERED_MAX = 20_000;
const REMEMBERED_CHARACTERS_MAX = 16_000_000;
/** Records with longer attributes are not worth remembering. */
const KEY_CHARACTERS_MAX = 4_096;
const CLIENT_SERVICES: ReadonlySet<unknown> = new Set(['claude-code', 'claude-code-desktop']);

/** Attributes that are kept: of every record, and where a run of CI says itself. */
export interface ClaimNames {
  readonly of: ReadonlySet<string>;
  readonly ofRuns: RunAttributes;
}

/** Claims and series of all resources. */
interface Memory {
  readonly claims: LRUCache<string, Claims>;
  readonly series: LRUCache<string, SeriesReading>;
}

export class ResourceContext {
  readonly isClient: boolean;
  readonly dimensions: Dimensions;
  readonly #attributes: Attributes;
  readonly #claimNames: ClaimNames;
  readonly #resource: Attributes;
  /** What the client says on records and a hop between has moved here. */
  readonly #moved: Attributes;
  readonly #memory: Memory;
  /** Begins the keys of what is remembered of this resource. */
  readonly #key: string;

  constructor(attributes: Attributes, claimNames: ClaimNames, memory: Memory, key: string) {
    this.isClient = CLIENT_SERVICES.has(attributes.get('service.name'));
    this.dimensions = readResourceDimensions(attributes);
    this.#attributes = attributes;
    this.#claimNames = claimNames;
    this.#resource = pickClaims(attributes, claimNames);
    this.#moved = pick(attributes, KNOWN_ATTRIBUTES);
    this.#memory = memory;
    this.#key = key;
  }

  /** The client's version: that of the instrumentation scope, else of the service. */
  version(scopeVersion: string): string {
    return scopeVersion || (readLabel(this.#attributes, 'service.version') ?? '');
  }

  /** What a record says, and of what it does not say what the client's attributes on its resource say. */
  effective(attributes: Attributes): Attributes {
    return this.#moved.size === 0 ? attributes : new Map([...this.#moved, ...attributes]);
  }

  /** The same object for records that claim the same. Names of attributes nobody documented are added to `unknown`. */
  claimsOf(attributes: Attributes, unknown: string[]): Claims {
    let key = this.#key;
    for (const [name, value] of attributes) {
      if (this.#claimNames.of.has(name) || this.#claimNames.ofRuns.names.has(name)) key += framed(name) + framed(String(value));
      else if (!this.#isExpected(name)) unknown.push(name);
    }
    const { claims } = this.#memory;
    return claims.get(key) ?? remember(claims, key, { record: pickClaims(attributes, this.#claimNames), resource: this.#resource });
  }

  #isExpected(name: string): boolean {
    return KNOWN_ATTRIBUTES.has(name) || RESOURCE_ATTRIBUTES.has(name) || this.#attributes.has(name);
  }

  /** Where a series is remembered. */
  seriesKey(metric: string, version: string, attributes: Attributes): string {
    let key = this.#key + framed(metric) + framed(version);
    for (const [name, value] of attributes) key += framed(name) + framed(String(value));
    return key;
  }

  findSeries(key: string): SeriesReading | undefined {
    return this.#memory.series.get(key);
  }

  rememberSeries(key: string, reading: SeriesReading): SeriesReading {
    return remember(this.#memory.series, key, reading);
  }
}

const newMemory = <Value extends {}>(): LRUCache<string, Value> =>
  new LRUCache({ max: REMEMBERED_MAX, maxSize: REMEMBERED_CHARACTERS_MAX, sizeCalculation: (_value, key) => key.length + 1 });

function remember<Value extends {}>(memory: LRUCache<string, Value>, key: string, value: Value): Value {
  if (key.length <= KEY_CHARACTERS_MAX) memory.set(key, value);
  return value;
}

function pick(attributes: Attributes, names: ReadonlySet<string>): Attributes {
  const picked = new Map<string, AttributeValue>();
  for (const [name, value] of attributes) if (names.has(name)) picked.set(name, value);
  return picked;
}

function pickClaims(attributes: Attributes, { of, ofRuns }: ClaimNames): Attributes {
  const picked = pick(attributes, of);
  if (!ofRuns.beside.values().some((name) => attributes.has(name))) return picked;
  return new Map([...picked, ...pick(attributes, ofRuns.names)]);
}

/** Contexts by the resource's content, since the decoder makes a new map for every export. */
export function createResources(claimNames: ClaimNames): (attributes: Attributes) => ResourceContext {
  const contexts = newMemory<ResourceContext>();
  const memory: Memory = { claims: newMemory(), series: newMemory() };
  let made = 0;
  return (attributes) => {
    const text = canonicalText(attributes);
    const known = contexts.get(text);
    if (known !== undefined) return known;
    made++;
    return remember(contexts, text, new ResourceContext(attributes, claimNames, memory, framed(String(made))));
  };
}
