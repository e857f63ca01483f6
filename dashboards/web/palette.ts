/**
 * One color for one value, in every panel that shows it, also after filtering and refreshing. The eight hues (tokens.css) stay apart
 * for the three common kinds of color blindness and differ in lightness, so that they stay apart in print as well.
 */
import type { PanelData, RowLabel } from '../../collector/query/boards/panel-data.ts';

const HUES = 8;

type Named = Pick<RowLabel, 'label' | 'filters' | 'rest' | 'absent'>;

export class Palette {
  /** Hues by value, for each dimension apart. Lines that are no dimension's value (figures) share one family. */
  readonly #families = new Map<string, Map<string, number>>();

  /** The largest values take the first colors: lines come in the order of size. */
  claim(panels: Readonly<Record<string, PanelData>>): void {
    for (const { series } of Object.values(panels)) {
      for (const line of series?.series ?? []) if (!line.absent && line.rest === undefined) this.#claimOne(line);
    }
  }

  #claimOne(line: Named): void {
    const { family, key, isFigure } = familyOf(line);
    const slots = this.#families.get(family) ?? new Map<string, number>();
    this.#families.set(family, slots);
    // Figures are few on a chart, though many on a board: their colors begin again. Values beyond the eighth have none of their own.
    if (!slots.has(key) && (isFigure || slots.size < HUES)) slots.set(key, slots.size % HUES);
  }

  /** Name of the custom property that holds the row's color. */
  colorOf(row: Named): string {
    if (row.absent) return '--absent';
    if (row.rest !== undefined) return '--rest';
    const { family, key } = familyOf(row);
    const slot = this.#families.get(family)?.get(key);
    return slot === undefined ? '--accent' : `--hue-${slot + 1}`;
  }
}

function familyOf({ label, filters }: Named): { readonly family: string; readonly key: string; readonly isFigure: boolean } {
  if (filters.length === 0) return { family: '', key: label, isFigure: true };
  return { family: filters.map(({ dimension }) => dimension).join(), key: filters.map(({ value }) => value).join('\0'), isFigure: false };
}
