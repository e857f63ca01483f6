/** The lines that change between two texts, without the secrets that settings hold. */
import { HIDDEN, withoutSecrets } from '../../core/redact.ts';

const CONTEXT = 2;
/** Of what differs: beyond that, all of it is shown as old and new. */
const TABLE_MAX = 4_000_000;

export interface DiffLine {
  readonly mark: ' ' | '+' | '-' | '…';
  readonly text: string;
}

/** A key that may stand before a secret, and its text. */
const PAIR = /("[\w-]*(?:TOKEN|SECRET|PASSWORD|PASSPHRASE|HEADERS|API_?KEY|CREDENTIAL)[\w-]*"\s*:\s*)("(?:[^"\\]|\\.)*")/gi;
/** Keys that say where one stands, what prints it, or how many or how long. */
const NO_SECRET = /(?:_FILE|HELPER|_MS|_TOKENS)"/i;
const OWN_TOKEN = /\bll_[\w-]{8,}/g;
const BEARER = /(Bearer(?: |%20))[^\s",]+/gi;
/** What is left of a header of ours. */
const MASKED_HEADER = new RegExp(`^"Authorization=Bearer(?: |%20)${HIDDEN}"$`);

/** Without `token`, and whatever else looks like a secret. */
export function masked(line: string, token: string | undefined): string {
  const known = token === undefined ? line : withoutSecrets(line, [token]);
  return known
    .replaceAll(BEARER, `$1${HIDDEN}`)
    .replaceAll(OWN_TOKEN, HIDDEN)
    .replaceAll(PAIR, (whole, key: string, value: string) => (NO_SECRET.test(key) || MASKED_HEADER.test(value) ? whole : `${key}"${HIDDEN}"`));
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/));

/** With two lines around each change. Empty where nothing differs. */
export function diffOf(before: string, after: string, token: string | undefined): readonly DiffLine[] {
  const all = differences(linesOf(before), linesOf(after));
  const isNear = all.map((_, index) => all.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ mark }) => mark !== ' '));
  return all.flatMap((line, index): DiffLine[] => {
    if (isNear[index]) return [{ ...line, text: masked(line.text, token) }];
    return isNear[index + 1] ? [{ mark: '…', text: '' }] : [];
  });
}

function differences(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const same = (text: string): DiffLine => ({ mark: ' ', text });
  const middle = between(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [...before.slice(0, head).map(same), ...middle, ...before.slice(before.length - tail).map(same)];
}

/** By the longest common subsequence. */
function between(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const gone = (text: string): DiffLine => ({ mark: '-', text });
  const come = (text: string): DiffLine => ({ mark: '+', text });
  const width = after.length + 1;
  if ((before.length + 1) * width > TABLE_MAX) return [...before.map(gone), ...after.map(come)];
  const common = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number): number => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--)
      common[row * width + column] = before[row] === after[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  }
  const lines: DiffLine[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length || column < after.length) {
    const [old = '', now = ''] = [before[row], after[column]];
    if (row < before.length && column < after.length && old === now) {
      lines.push({ mark: ' ', text: old });
      row++;
      column++;
    } else if (row < before.length && (column >= after.length || at(row + 1, column) >= at(row, column + 1))) lines.push(gone(before[row++] ?? ''));
    else lines.push(come(after[column++] ?? ''));
  }
  return lines;
}
