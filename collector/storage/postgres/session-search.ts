/** Finds sessions by what people know of them. The database compares; what is a small letter is decided here, as for every store. */
import { DIMENSIONS } from '../../catalog/measures.ts';
import { inSmallLetters, needleOf, SEARCHED } from '../../ledger/session-search.ts';
import type { SessionDimension } from '../../ledger/sessions.ts';
import type { Condition } from './conditions.ts';
import { quotedName, storable } from './sql-text.ts';

/** Letters with capitals lie below. */
const LETTERS_END = 0x1_f0_00;
/** The one letter that becomes two. */
const DOTTED = 'İ';
const QUOTE = "'";
/** Characters without a meaning, of which a name has none. */
const PRIVATE_USE = 0xe0_00;

let capitals: ReadonlyMap<string, readonly string[]> | undefined;

/** By small letter; made when somebody first searches. */
function capitalsOf(letter: string): readonly string[] {
  capitals ??= Map.groupBy(
    Array.from({ length: LETTERS_END }, (_, code) => String.fromCodePoint(code)).filter((one) => inSmallLetters(one) !== one),
    inSmallLetters,
  );
  return capitals.get(letter) ?? [];
}

/** Of a session s and one of its places, which `dims` names by number. */
export interface Search {
  /** Joins dims n, where the place is named so: apart from the rest, so that many sessions of one place are compared once. */
  readonly join: (dims: string) => Condition;
  /** The session or the place is what is looked for. */
  readonly isFound: Condition;
}

/** Undefined where nothing is looked for. */
export function searchFor(search: string): Search | undefined {
  const needle = storable(needleOf(search));
  if (needle === '') return undefined;
  const name = inSmallLetters(needle);
  const pairs = [...new Set(name)].flatMap((letter) => capitalsOf(letter).map((capital) => [capital, letter] as const));
  const [from, to] = [pairs.map(([capital]) => capital).join(''), pairs.map(([, letter]) => letter).join('')];
  // Nobody finds what begins in one name and ends in the next.
  const between =
    Array.from({ length: name.length + 1 }, (_, index) => String.fromCharCode(PRIVATE_USE + index)).find((one) => !name.includes(one)) ?? '';
  const names = SEARCHED.map((dimension) => shown(dimension, 'n', name)).join();
  return {
    join: (dims) => ({
      sql: `LEFT JOIN dims n ON n.id = ${dims} AND strpos(translate(replace(concat_ws(?, ${names}), ?, ?), ?, ?), ?) > 0`,
      values: [between, DOTTED, inSmallLetters(DOTTED), from, to, name],
    }),
    // What "C" puts in small letters is ASCII alone.
    isFound: { sql: '(lower(left(s.session_id, length(?::text)) COLLATE "C") = ? OR n.id IS NOT NULL)', values: [needle, needle] },
  };
}

/** As showValue (catalog/values.ts) has it; quotes around a value matter only to who looks for one. */
function shown(dimension: SessionDimension, place: string, needle: string): string {
  const [value, absent] = [`${place}.${quotedName(dimension)}`, DIMENSIONS[dimension].absent];
  const apart = needle.includes(QUOTE) ? `WHEN ${value} ~ '^(''*)${absent}\\1$' THEN '''' || ${value} || ''''` : '';
  return `CASE WHEN ${value} = '' THEN '${absent}' ${apart} ELSE ${value} END`;
}
