/** Labels as the text format writes them, without the braces: user="alice",model="opus". */

const VALUE_CHARACTERS_MAX = 256;

// A NUL ends the text for Prometheus' parser, and other control characters have no place in a name.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\u0000-\u001f\u007f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const UNSAFE = /[\u0000-\u001f\u007f\\"]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

const escaped = (text: string): string => text.replace(/[\\"\n]/g, (character) => ESCAPES[character] ?? character);

/** Values that people chose in the configuration, in full. */
export const labelText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join();

/** A value that clients sent, as every store shows it: bounded, and without control characters. */
export function boundedValue(text: string): string {
  // Cut between the halves of a character, two values could become the same bytes.
  const short = text.length > VALUE_CHARACTERS_MAX ? text.slice(0, VALUE_CHARACTERS_MAX).toWellFormed() : text;
  return UNSAFE.test(short) ? short.replace(CONTROL, '\ufffd') : short;
}

/** The same, ready for the text format. Almost every value is safe, and is returned as it is. */
export function clientValue(text: string): string {
  const bounded = boundedValue(text);
  return UNSAFE.test(bounded) ? escaped(bounded) : bounded;
}
