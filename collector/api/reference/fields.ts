/** Parameters and fields as lists: name, type, what it means. */
import { type ApiDocument, type Parameter, resolve, type Schema, shown } from './document.ts';
import { code, inline } from './html.ts';

const DEPTH_MAX = 5;
/** Longer lists of words are in the catalogue. */
const WORDS_MAX = 12;

/** "array of string", "string or null". */
export function typeOf(given: Schema, document: ApiDocument): string {
  const schema = resolve(given, document);
  const several = schema.anyOf ?? schema.oneOf;
  if (several !== undefined) return [...new Set(several.map((one) => typeOf(one, document)))].join(' or ');
  if (schema.type === 'array') return `array of ${schema.items === undefined ? 'anything' : typeOf(schema.items, document)}`;
  if (typeof schema.type === 'object') return schema.type.join(' or ');
  return schema.type ?? (schema.const !== undefined ? typeof schema.const : 'anything');
}

function wordsOf({ enum: allowed, default: usual, examples }: Schema): string {
  const words = allowed !== undefined && allowed.length <= WORDS_MAX ? `One of ${allowed.map((word) => code(String(word))).join(', ')}.` : '';
  const without = usual === undefined ? '' : `Default: ${code(String(usual))}.`;
  const example = examples?.[0] === undefined ? '' : `Example: ${code(String(examples[0]))}.`;
  return [words, without, example].filter((text) => text !== '').join(' ');
}

const item = (name: string, type: string, text: string, inner = ''): string =>
  `<li>${code(name)} <span class="type">${inline(type)}</span><div>${text}</div>${inner}</li>`;

export function parameterList(parameters: readonly Parameter[], document: ApiDocument): string {
  if (parameters.length === 0) return '<p class="none">No parameters.</p>';
  const items = parameters.map((parameter) => {
    const { name, schema } = parameter;
    const whole = shown(schema, document);
    // Of a repeatable one each value is described, of a list the whole.
    const described = whole.items !== undefined && parameter.explode !== false ? shown(whole.items, document) : whole;
    return item(name, kindOf(parameter, document), `${inline(described.description ?? '')} ${wordsOf(described)}`);
  });
  return `<ul class="fields">${items.join('')}</ul>`;
}

function kindOf({ in: place, schema, explode }: Parameter, document: ApiDocument): string {
  if (place === 'path') return 'in the path';
  const { type, items } = shown(schema, document);
  if (type !== 'array' || items === undefined) return typeOf(schema, document);
  return explode === false ? 'names, separated by commas' : `${typeOf(items, document)}, repeatable`;
}

export function fieldList(given: Schema, document: ApiDocument, depth = 0): string {
  const schema = shown(given, document);
  if (schema.type === 'array' && schema.items !== undefined) return fieldList(schema.items, document, depth);
  const fields = Object.entries(schema.properties ?? {});
  const others = typeof schema.additionalProperties === 'object' ? [['…', schema.additionalProperties] as const] : [];
  if (depth > DEPTH_MAX || fields.length + others.length === 0) return '';
  const items = [...fields, ...others].map(([name, field]) => {
    const type = typeOf(field, document);
    const isOptional = name !== '…' && schema.required?.includes(name) !== true;
    const text = `${inline(shown(field, document).description ?? '')} ${wordsOf({ ...shown(field, document), examples: [] })}`;
    return item(name, isOptional ? `${type}, where there is one` : type, text, fieldList(field, document, depth + 1));
  });
  return `<ul class="fields">${items.join('')}</ul>`;
}
