/** Answers held against the schemas of an OpenAPI document, by an implementation of JSON Schema that is not ours. */
import { Validator } from '@cfworker/json-schema';
import type { ApiDocument, Schema } from '../../collector/api/reference/document.ts';

const validators = new WeakMap<Schema, Validator>();

/** What the schema does not allow of an answer; the innermost first. */
export function complaintsOf(schema: Schema | undefined, answer: unknown, { components }: ApiDocument): string[] {
  if (schema === undefined) return ['no schema'];
  const validator = validators.getOrInsertComputed(schema, () => new Validator({ ...schema, components } as object, '2020-12', false));
  const { errors } = validator.validate(answer);
  return errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`).reverse();
}
