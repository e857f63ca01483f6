/**
 * A color belongs to a value, not to its place: it follows from the name alone, so that a team has the same one on every board, after every
 * refresh and in every browser. The eight hues (tokens.css) stay apart for the three common kinds of color blindness and differ in
 * lightness; each has two more shades. Where two lines of one chart would look the same, one takes another shade of its hue.
 */
import type { PanelData, RowLabel } from '../../collector/query/boards/panel-data.ts';

const HUES = 8;
const SHADES = ['', '-deep', '-pale'] as const;

type Named = Pick<RowLabel, 'label' | 'filters' | 'rest' | 'absent'>;

/** What everybody knows by its color. */
const FIXED: readonly (readonly [pattern: RegExp, hue: number])[] = [
  [/^input tokens$/i, 0],
  [/^output tokens$/i, 1],
  [/^cache read tokens$/i, 2],
  [/^cache write tokens$/i, 3],
];
const MODEL_FAMILIES: readonly (readonly [pattern: RegExp, hue: number])[] = [
  [/opus/i, 5],
  [/sonnet/i, 0],
  [/haiku/i, 2],
  [/fable/i, 6],
  [/mythos/i, 3],
];

export class Palette {
  /** Of the lines of this panel's chart that cannot keep the color of their name. */
  readonly #moved: ReadonlyMap<string, string>;

  constructor(data?: PanelData) {
    this.#moved = movedIn(data?.series?.series ?? []);
  }

  /** Name of the custom property that holds the row's color. */
  colorOf(row: Named): string {
    if (row.absent) return '--absent';
    if (row.rest !== undefined) return '--rest';
    return this.#moved.get(keyOf(row)) ?? nameOf(slotsOf(row)[0] ?? 0);
  }
}

/** By name, not by size: whoever is larger today does not change another's color. */
function movedIn(lines: readonly Named[]): ReadonlyMap<string, string> {
  const taken = new Set<number>();
  const moved = new Map<string, string>();
  const named = lines.filter(({ absent, rest }) => !absent && rest === undefined).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  for (const line of named) {
    const [own, ...others] = slotsOf(line);
    const slot = [own, ...others].find((one) => one !== undefined && !taken.has(one)) ?? own ?? 0;
    taken.add(slot);
    if (slot !== own) moved.set(keyOf(line), nameOf(slot));
  }
  return moved;
}

const nameOf = (slot: number): string => `--hue-${(slot % HUES) + 1}${SHADES[Math.floor(slot / HUES)] ?? ''}`;

/** Every color in the order in which the value would have it: its own, the other shades of its hue, then the next hues. */
function slotsOf(row: Named): readonly number[] {
  // By the value alone: a workspace and its repository mostly share their name, and then their color.
  const hash = hashOf(row.filters.length === 0 ? row.label : row.filters.map(({ value }) => value).join('\0'));
  const fixed = fixedHue(row);
  const first = fixed ?? hash % HUES;
  // The class of a token is not known by its shade.
  const shade = fixed !== undefined && row.filters.length === 0 ? 0 : Math.floor(hash / HUES) % SHADES.length;
  const slots: number[] = [];
  for (let hue = 0; hue < HUES; hue++)
    for (let step = 0; step < SHADES.length; step++) slots.push(((first + hue) % HUES) + ((shade + step) % SHADES.length) * HUES);
  return slots;
}

function fixedHue({ label, filters: [first, ...more] }: Named): number | undefined {
  if (first === undefined) return FIXED.find(([pattern]) => pattern.test(label))?.[1];
  if (first.dimension !== 'model' || more.length > 0) return undefined;
  return MODEL_FAMILIES.find(([pattern]) => pattern.test(first.value))?.[1];
}

/** Lines that are no dimension's value are figures, known by their label. */
const keyOf = ({ label, filters }: Named): string =>
  filters.length === 0 ? label : filters.map(({ dimension, value }) => `${dimension}\0${value}`).join('\0');

/** FNV-1a, 32 bits: the same everywhere. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  // Short names differ in few bits: they are spread over all of them (the end of MurmurHash3).
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
