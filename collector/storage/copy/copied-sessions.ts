/** Sessions, each with all that belongs to it: entries, places, links, what it came to before entries were removed. */
import { addedUp, distinct } from './cells.ts';
import type { CopiedDims } from './copied-dims.ts';
import type { Cells, CopySource, CopyTarget, Place, SessionTable, SourceSession, Writing } from './ends.ts';
import type { Say } from './progress.ts';

export const SESSIONS = 'sessions';
/** Written in one transaction, or a session more. */
const ENTRIES_AT_ONCE = 5_000;

interface Changed extends Place {
  readonly from: SourceSession;
}

export class CopiedSessions {
  readonly #source: CopySource;
  readonly #target: CopyTarget;
  readonly #dims: CopiedDims;
  readonly #say: Say;

  constructor(source: CopySource, target: CopyTarget, dims: CopiedDims, say: Say) {
    this.#source = source;
    this.#target = target;
    this.#dims = dims;
    this.#say = say;
  }

  /** Answers how many it has written. */
  async copy(): Promise<number> {
    const all = await this.#source.countSessions();
    let [seen, written] = [0, 0];
    for await (const page of this.#source.sessions()) {
      const marks = await this.#target.marks(
        SESSIONS,
        page.map(({ session }) => Number(session)),
      );
      const places = await this.#target.newPlaces(page.filter(({ session }) => !marks.has(Number(session))));
      const changed = page.flatMap((from) => compared(from, marks.get(Number(from.session)), places) ?? []);
      await this.#write(changed);
      seen += page.length;
      written += changed.length;
      this.#say(`sessions ${seen} of ${all}`);
    }
    return written;
  }

  async #write(changed: readonly Changed[]): Promise<void> {
    let [some, entries]: [Changed[], number] = [[], 0];
    for (const one of changed) {
      some.push(one);
      entries += one.from.entries;
      if (entries < ENTRIES_AT_ONCE) continue;
      await this.#replace(some);
      [some, entries] = [[], 0];
    }
    if (some.length > 0) await this.#replace(some);
  }

  async #replace(changed: readonly Changed[]): Promise<void> {
    await this.#target.prepare(changed);
    await this.#target.transaction(async (into) => {
      await into.removeSessions(changed.map(({ session }) => session));
      await into.insert(
        'sessions',
        changed.map((one) => this.#sessionOf(one)),
      );
      await this.#insertEntries(into, changed);
      for (const table of ['session_places', 'removals', 'session_links'] as const) await into.insert(table, await this.#belongings(table, changed));
      await into.insertRemoved(await this.#removed(changed));
      await into.mark(SESSIONS, new Map(changed.map((one) => [Number(one.from.session), markAt(one, one.from)])));
    });
  }

  #sessionOf({ session, part, from }: Changed): Cells {
    const { cells, madeMs, firstDims, lastDims } = from;
    const dims = { first_dims: this.#dims.numberOf(firstDims), last_dims: this.#dims.numberOf(lastDims) };
    return { ...cells, ...dims, session, part, made_ms: madeMs };
  }

  async #insertEntries(into: Writing, changed: readonly Changed[]): Promise<void> {
    const places = placesOf(changed);
    for await (const rows of this.#source.entries(changed.map(({ from }) => from))) {
      await into.insert(
        'entries',
        rows.map((row) => ({ ...row, ...places.get(row.session), dims: this.#dims.numberOf(row.dims) })),
      );
    }
  }

  async #belongings(table: SessionTable, changed: readonly Changed[]): Promise<Cells[]> {
    const places = placesOf(changed);
    const found = await this.#source.belongings(
      table,
      changed.map(({ from }) => from),
    );
    const rows = found.map((row) => ({ ...row, ...places.get(row.session), ...('dims' in row && { dims: this.#dims.numberOf(row.dims) }) }));
    return table === 'session_places' ? addedUp(rows, ['session', 'part', 'dims']) : distinct(rows);
  }

  async #removed(changed: readonly Changed[]) {
    const places = placesOf(changed);
    const rows = (await this.#source.removed(changed.map(({ from }) => from))).map(({ bucket, dims, sums }) => ({
      ...{ bucket: places.get(BigInt(bucket))?.session ?? 0, dims: this.#dims.numberOf(dims) },
      ...sums,
    }));
    return addedUp(rows, ['bucket', 'dims']).map(({ bucket, dims, ...sums }) => ({
      ...{ bucket: Number(bucket), dims: Number(dims) },
      sums: sums as Readonly<Record<string, bigint | null>>,
    }));
  }
}

/** Undefined where it is as it was. */
function compared(from: SourceSession, known: string | undefined, places: ReadonlyMap<bigint, Place>): Changed | undefined {
  const place = known === undefined ? places.get(from.session) : placeOf(known);
  return place === undefined || known === markAt(place, from) ? undefined : { ...place, from };
}

const placesOf = (changed: readonly Changed[]): ReadonlyMap<unknown, { session: number; part: number }> =>
  new Map(changed.map(({ from, session, part }) => [from.session, { session, part }]));

const markAt = ({ session, part }: Place, { mark }: SourceSession): string => `${session} ${part} ${mark}`;

/** Of a mark. */
export function placeOf(mark: string): Place {
  const [session, part] = mark.split(' ');
  return { session: Number(session), part: Number(part) };
}
