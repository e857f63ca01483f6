/** The parts of an OpenAPI document that the page shows. */

export interface Schema {
  readonly $ref?: string;
  /** Several: one of them. */
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly schema: Schema;
  /** False: a list is one value, separated by commas. */
  readonly explode?: boolean;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

export interface ApiDocument {
  readonly info: { readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The schema that a reference points at, or itself. What stands beside a reference wins. */
export function resolve(schema: Schema, { components }: ApiDocument): Schema {
  const { $ref, ...own } = schema;
  const name = $ref?.slice($ref.lastIndexOf('/') + 1);
  return name === undefined ? schema : { ...components.schemas[name], ...own };
}

/** One of several shapes is shown as the first that is not null. */
export function shown(schema: Schema, document: ApiDocument): Schema {
  const whole = resolve(schema, document);
  if (typeof whole.type === 'object') return { ...whole, ...(whole.type[0] !== undefined && { type: whole.type[0] }) };
  const first = (whole.anyOf ?? whole.oneOf)?.find((one) => resolve(one, document).type !== 'null');
  if (first === undefined) return whole;
  const { anyOf: _, oneOf: __, ...own } = whole;
  return { ...shown(first, document), ...own };
}

export const jsonOf = ({ content }: Content): Schema | undefined => content?.['application/json']?.schema;
