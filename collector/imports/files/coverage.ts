/** Which days files are about: a day in between without a row costs nothing, one before or after is not known. */
import { startOfDay } from '../../core/day.ts';
import { DAY_MS } from '../../core/duration.ts';
import { dayAt } from '../days.ts';
import type { DataFile } from './find.ts';

/** A row that is far from all others, such as one with a broken date, says nothing about the days between them. */
const GAP_DAYS_MAX = 31;

export class Coverage {
  readonly #days = new Map<DataFile, Set<string>>();

  /** `sinceDay`: the file has everything since then. */
  add(file: DataFile, day: string, sinceDay = day): void {
    const days = this.#days.getOrInsertComputed(file, () => new Set());
    days.add(day);
    days.add(sinceDay);
  }

  /** When the newest file that is about a day was written, by day. */
  writtenMs(): ReadonlyMap<string, number> {
    const written = new Map<string, number>();
    for (const [{ writtenMs }, days] of this.#days)
      for (const day of bridged([...days].sort())) if (writtenMs > (written.get(day) ?? Number.NEGATIVE_INFINITY)) written.set(day, writtenMs);
    return written;
  }
}

function* bridged(days: readonly string[]): Generator<string> {
  for (const [index, day] of days.entries()) {
    yield day;
    const [fromMs, toMs] = [startOfDay(day), startOfDay(days[index + 1] ?? day)];
    if (toMs - fromMs <= GAP_DAYS_MAX * DAY_MS) for (let ms = fromMs + DAY_MS; ms < toMs; ms += DAY_MS) yield dayAt(ms);
  }
}
