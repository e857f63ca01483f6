/**
 * One colour for one value, in every panel that shows it. The eight hues (app.css) stay apart for the three common
 * kinds of colour blindness and differ in lightness, so that they stay apart in print as well.
 */
import type { BarRow } from '../../collector/http/panel-data.ts';

const HUES = 8;

export class Palette {
  readonly #slots = new Map<string, number>();

  /** The largest values take the first colours; call in the order of size. */
  claim(dimension: string, value: string): void {
    const key = `${dimension}:${value}`;
    if (!this.#slots.has(key) && this.#slots.size < HUES) this.#slots.set(key, this.#slots.size);
  }

  /** Name of the custom property that holds the row's colour. */
  colourOf(row: Pick<BarRow, 'filter' | 'rest' | 'absent'>): string {
    if (row.absent) return '--absent';
    if (row.rest !== undefined || row.filter === undefined) return row.rest === undefined ? '--accent' : '--rest';
    const slot = this.#slots.get(`${row.filter.dimension}:${row.filter.value}`);
    return slot === undefined ? '--accent' : `--hue-${slot + 1}`;
  }
}
