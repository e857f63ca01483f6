/** A length below it is one character, which costs less to make and to compare than digits. */
const LONG = 255;

/** A text with its length before it: texts joined like this stay apart whatever characters they hold. */
export function framed(text: string): string {
  const { length } = text;
  return (length < LONG ? String.fromCharCode(length) : `${String.fromCharCode(LONG)}${length}:`) + text;
}

/** Several texts as one key: whatever separator the texts were joined with instead, one of them could hold it. */
export const framedKey = (texts: readonly string[]): string => texts.map(framed).join('');
