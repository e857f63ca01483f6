/** How many columns of a terminal a text takes, and texts cut to so many. */
import { stripVTControlCharacters } from 'node:util';

let segmenter: Intl.Segmenter | undefined;
/** East Asian Wide and Fullwidth (Unicode Standard Annex 11), as ranges of whole blocks, and what is drawn as an emoji. */
const WIDE =
  /^(?:[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|.\ufe0f)/u;
const ASCII = /^[\x20-\x7e]*$/;
const INVISIBLE = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
const ELLIPSIS = '…';

/** In columns of a terminal. Paint takes none. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segments(stripVTControlCharacters(text))) width += graphemeWidth(segment);
  return width;
}

/** Made when it is first needed: most tables are of ASCII alone. */
function segments(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

function graphemeWidth(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}

export type Cut = 'end' | 'middle';

/** The text in at most so many columns; where something is left out, an ellipsis stands for it. */
export function cutTo(width: number, text: string, at: Cut = 'end'): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return '';
  const pieces = [...segments(text)].map(({ segment }) => segment);
  const room = width - 1;
  const tailRoom = at === 'end' ? 0 : Math.floor(room / 2);
  const tail = leading(pieces.toReversed(), tailRoom).toReversed();
  return [...leading(pieces, room - tailRoom), ELLIPSIS, ...tail].join('');
}

/** As many pieces from the beginning as so many columns hold. */
function leading(pieces: readonly string[], room: number): string[] {
  const taken: string[] = [];
  let left = room;
  for (const piece of pieces) {
    left -= graphemeWidth(piece);
    if (left < 0) break;
    taken.push(piece);
  }
  return taken;
}

/** Filled with spaces to so many columns. */
export function padTo(width: number, text: string, align: 'left' | 'right'): string {
  const padding = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + padding : padding + text;
}

/** A sentence in lines of at most so many columns, parted between words. */
export function wrapTo(width: number | undefined, text: string): string[] {
  if (width === undefined || displayWidth(text) <= width) return [text];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || displayWidth(`${last} ${word}`) > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
