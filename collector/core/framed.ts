/** A length below it is one character, which costs less to make and to compare than digits. */
const LONG = 255;

/** A text with its length before it: texts joined like this stay apart whatever characters they hold. */
export function framed(text: string): string {
  const { length } = text;
  return (length < LONG ? String.fromCharCode(length) : `${String.fromCharCode(LONG)}${length}:`) + text;
}
