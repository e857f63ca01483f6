/** A text with its length before it: texts joined like this stay apart whatever characters they hold. */
export const framed = (text: string): string => `${text.length}:${text}`;
