/** What a client says about the owner of its usage. */

/**
 * What the record itself says about its owner. Attribution decides; see attribution.ts.
 * Holds only the attributes that attribution is configured to read, so content cannot travel in it. Records that claim
 * the same share one object, so that whoever asks may remember the answer by it.
 */
export interface Claims {
  /** Attributes of the record; they win over those of the resource. */
  readonly record: Attributes;
  readonly resource: Attributes;
}

export type Attributes = ReadonlyMap<string, AttributeValue>;

/** int and double values are numbers; arrays and maps are their JSON text, since nothing downstream reads inside them. */
export type AttributeValue = string | number | boolean;
