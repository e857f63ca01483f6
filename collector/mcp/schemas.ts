/** What a tool takes and gives, as JSON Schemas made from the shapes of its question. */
import { z } from 'zod';
import type { ParameterShape, Question } from '../query/question.ts';
import { LEFT_OUT_SCHEMA, PAGE_ROWS, ROWS_MAX } from './bounded.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** How an answer is sent is not for a model to choose. */
const NOT_OFFERED = ['format'];

export interface ToolSchemas {
  readonly input: JsonSchema;
  readonly output: JsonSchema;
}

/** Made once: they do not change while a process runs. */
const made = new WeakMap<Question, ToolSchemas>();

export const schemasOf = (question: Question): ToolSchemas =>
  made.getOrInsertComputed(question, () => ({ input: inputOf(question), output: outputOf(question) }));

function inputOf({ parameters, pathParameters = {} }: Question): JsonSchema {
  const shapes = Object.entries({ ...pathParameters, ...parameters }).filter(([key]) => !NOT_OFFERED.includes(key));
  return {
    type: 'object',
    properties: Object.fromEntries(shapes.map(([key, shape]) => [key, key === 'limit' ? limitOf(shape) : argumentOf(shape)])),
    required: Object.keys(pathParameters),
    additionalProperties: false,
  };
}

/** A parameter that takes several values is a list. */
function argumentOf({ schema, isRepeatable, listOf }: ParameterShape): JsonSchema {
  const { $schema, description, examples, default: fallback, ...item } = z.toJSONSchema(schema, { io: 'input' });
  const list = (value: unknown): unknown => (listOf === undefined ? [value] : String(value).split(','));
  const isList = isRepeatable === true || listOf !== undefined;
  return {
    ...(isList ? { type: 'array', items: { ...item, ...(listOf && { enum: listOf }) } } : item),
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: isList ? list(fallback) : fallback }),
    ...(examples !== undefined && { examples: isList ? examples.map(list) : examples }),
  };
}

/** No more rows come at once than a model is shown of any list. */
export function limitOf(shape: ParameterShape) {
  const { maximum, default: fallback } = argumentOf(shape);
  return {
    ...{ type: 'integer', minimum: 1, maximum: Math.min(Number(maximum ?? ROWS_MAX), ROWS_MAX) },
    ...{ description: 'Rows at once.', default: Math.min(Number(fallback ?? PAGE_ROWS), ROWS_MAX) },
  };
}

/** MCP wants an object at the root, which a schema with a name of its own only refers to. */
function outputOf({ answer }: Question): JsonSchema {
  const { $schema, $ref, $defs = {}, ...root } = z.toJSONSchema(answer, { io: 'output', override: withoutPattern });
  const name = $ref?.replace('#/$defs/', '') ?? '';
  const { [name]: named, ...others } = $defs;
  const object = named ?? root;
  return {
    ...object,
    properties: { ...object.properties, cut_lists: LEFT_OUT_SCHEMA },
    ...(Object.keys(others).length > 0 && { $defs: others }),
  };
}

/** Of an instant its format says enough; the pattern is 200 characters, in each field. */
function withoutPattern({ jsonSchema }: { readonly jsonSchema: { format?: string | undefined; pattern?: string | undefined } }): void {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
}
