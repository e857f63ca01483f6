/** Configuration files as nobody should write them: values made from the JSON Schema, so that new keys are covered, then damaged. */
import { stringify } from 'yaml';
import { type SchemaNode, shapesOf } from '../../collector/config/schema-keys.ts';
import type { Random } from '../support/random.ts';

type Data = Record<string, unknown>;

const TEXTS = [
  ...['', ' ', '~', 'true', '0', '-1', '1e999', '500.00', 'UTC', 'Europe/Berlin', '2026-02-30', '2026-11-28', '20:00', '0 8 * * 1', 'all', 'a_b'],
  ...['x'.repeat(5_000), '\u0000', '\u001b[31mred', '\u202egnp', '\ud800', '😀'.repeat(50), '__proto__', 'https://a:b@c.example/d', '//', 'a\nb: c'],
  ...['/dev/null', '/proc/self/mem', '.', '../..', '[1, 2]', '{"a": 1}', '%E0%A4%A', '0'.repeat(64)],
];
const NUMBERS = [0, -0, -1, 1, 0.5, 80, 8484, 65_536, 2 ** 31, 2 ** 53, -(2 ** 63), 1e21, 1e308, Number.POSITIVE_INFINITY, Number.NaN];
const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'length',
  '',
  ' ',
  '0',
  'null',
  '<<',
  'na me',
  'x'.repeat(2_000),
  '\u001b[2J',
  '[0]',
];

export interface RandomSources {
  readonly text: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A value as the schema describes it, with most optional keys left out. Formats and rules across keys are not followed. */
function randomValue(node: SchemaNode, random: Random): unknown {
  const shape = random.pick(shapesOf(node));
  if (shape.const !== undefined) return shape.const;
  if (shape.enum !== undefined) return random.pick(shape.enum);
  switch (shape.type) {
    case 'integer':
    case 'number':
      return random.chance(0.8) ? (shape.minimum ?? 0) + random.below(10) : random.pick(NUMBERS);
    case 'boolean':
      return random.chance(0.5);
    case 'array':
      return Array.from({ length: random.below(4) }, () => randomValue(shape.items ?? {}, random));
    case 'object':
      return randomMap(shape, random);
    default:
      return random.pick(TEXTS);
  }
}

function randomMap({ properties = {}, required = [], propertyNames, additionalProperties }: SchemaNode, random: Random): Data {
  const wanted = Object.entries(properties).filter(([key]) => required.includes(key) || random.chance(0.2));
  const free =
    typeof additionalProperties === 'object' ? [[random.pick(propertyNames?.enum ?? TEXTS), randomValue(additionalProperties, random)]] : [];
  return Object.fromEntries([...wanted.map(([key, inner]) => [key, randomValue(inner, random)]), ...free]);
}

const oddValue = (random: Random): unknown =>
  random.pick<() => unknown>([
    () => random.pick(TEXTS),
    () => random.pick(NUMBERS),
    () => null,
    () => [],
    () => ({}),
    () => ({ [random.pick(KEYS)]: random.pick(TEXTS) }),
    () => [null, [random.pick(NUMBERS)], { [random.pick(KEYS)]: {} }],
  ])();

/** Changes one value or one key, somewhere in the data. */
function damageData(data: unknown, random: Random): unknown {
  if (typeof data !== 'object' || data === null || random.chance(0.15)) return oddValue(random);
  if (Array.isArray(data)) {
    const at = random.below(data.length + 1);
    return random.chance(0.2) ? [...data, ...data] : [...data.slice(0, at), damageData(data[at], random), ...data.slice(at + 1)];
  }
  const entries = Object.entries(data);
  const at = random.below(entries.length + 1);
  const [key, value] = entries[at] ?? [random.pick(KEYS), {}];
  const renamed = random.chance(0.2) ? random.pick([...KEYS, `${key}s`, key.toUpperCase(), key.slice(1)]) : key;
  return Object.fromEntries([...entries.slice(0, at), [renamed, damageData(value, random)], ...entries.slice(at + 1)]);
}

const INSERTS = [
  ...['&a ', '*a', '*a\n', '<<: *a\n', '&a [*a]', '!!set ', '!!binary ', '!!omap ', '!!js/function ', '!x ', '%YAML 1.1\n---\n', '---\n', '...\n'],
  ...[
    '\t',
    '\0',
    '\r',
    '\ufeff',
    '\u2028',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ':',
    ': ',
    '- ',
    '? ',
    '|\n',
    '>\n',
    '#',
    '@',
    '`',
    ',',
    '\n',
    '\\',
    '[[[[[[',
  ],
];

/** Changes a few characters of the text: cuts, doubles, swaps, inserts what YAML gives a meaning. */
function damageText(text: string, random: Random): string {
  const from = random.below(text.length + 1);
  const to = Math.min(text.length, from + random.below(30));
  const [before, middle, after] = [text.slice(0, from), text.slice(from, to), text.slice(to)];
  return random.pick([
    () => before + after,
    () => before + middle + middle + after,
    () => before + random.pick(INSERTS) + middle + after,
    () => before + String.fromCharCode(random.below(random.chance(0.5) ? 128 : 65_536)) + after,
    () => random.pick(INSERTS) + text,
    () => text + text,
    () => before,
  ])();
}

function damaged<Value>(value: Value, times: number, damage: (value: Value) => Value): Value {
  let result = value;
  for (let time = 0; time < times; time++) result = damage(result);
  return result;
}

/** A file and perhaps a few variables; a quarter of the files are undamaged but for what the schema does not show. */
export function randomSources(schema: SchemaNode, variables: readonly string[], random: Random): RandomSources {
  const data = damaged<unknown>(randomMap(schema, random), random.below(3), (value) => damageData(value, random));
  const plain = stringify(data, { aliasDuplicateObjects: random.chance(0.5) });
  const text = damaged(plain, random.pick([0, 0, 1, 4]), (value) => damageText(value, random));
  const env = Array.from({ length: random.pick([0, 0, 1, 3]) }, (): [string, string] => {
    const value = random.chance(0.5) ? random.pick(TEXTS) : (JSON.stringify(damageData(oddValue(random), random)) ?? '');
    return [random.chance(0.9) ? random.pick(variables) : `LEDGERLINE_${random.pick(KEYS)}`, value];
  });
  return { text, env: Object.fromEntries(env) };
}
