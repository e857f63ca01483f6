/** Text of strangers, names from telemetry and answers of other servers, as it may be shown: whatever would be obeyed is not in it. */

/**
 * What a terminal, a log or a page obeys rather than shows: control characters (C0, DEL, C1), line and paragraph separators, the marks
 * that turn the direction of what follows, and tag characters, in which a language model reads letters where people see nothing.
 */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/gu;
const UNSEEN_RUN = new RegExp(`${UNSEEN.source}+`, UNSEEN.flags);

/** On one line, with the code of each such character in its place. */
export const visible = (text: string): string => text.toWellFormed().replaceAll(UNSEEN, (unseen) => (unseen === '\n' ? '\\n' : codesOf(unseen)));

/** The same of a text that has lines of its own, such as a stack. */
export const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n');

/** On one line, with a space in place of them. */
export const oneLine = (text: string): string => text.toWellFormed().replaceAll(UNSEEN_RUN, ' ');

/** As JSON has them: two, where one is too small for it. */
const codesOf = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
