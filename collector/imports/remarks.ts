/** What a provider said that is not known here: kept as it is, counted, and shown at the end of a run. */
import { visible } from '../core/visible.ts';

/** Beyond it, a provider is another than we know, and more of the same says nothing. */
const REMARKS_MAX = 50;
const SHOWN_MAX = 80;

export class Remarks {
  readonly #counts = new Map<string, number>();
  readonly #notes: string[] = [];

  /** A value of a field that has a list of known ones. Answers the value. */
  value(field: string, value: string | null | undefined, known: ReadonlySet<string>): string | undefined {
    if (value === null || value === undefined) return undefined;
    if (!known.has(value)) this.count(`Unknown ${field} "${visible(value).slice(0, SHOWN_MAX)}", kept as it is`);
    return value;
  }

  /** Anything else that lines have in common. */
  count(sentence: string): void {
    const before = this.#counts.get(sentence);
    if (before !== undefined || this.#counts.size < REMARKS_MAX) this.#counts.set(sentence, (before ?? 0) + 1);
  }

  /** Something that is said once. */
  note(sentence: string): void {
    this.#notes.push(sentence);
  }

  list(): readonly string[] {
    const counted = [...this.#counts].map(([sentence, count]) => `${sentence} (${count} ${count === 1 ? 'line' : 'lines'}).`);
    return [...this.#notes, ...counted];
  }
}
