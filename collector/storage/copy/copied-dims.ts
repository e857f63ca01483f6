/** Combinations of dimensions: those of the source, and the numbers that they have in the target. */
import { LedgerlineError } from '../../core/error.ts';
import { markOf } from './cells.ts';
import type { Combination, CopySource, CopyTarget } from './ends.ts';

const WHAT = 'dims';

export class CopiedDims {
  readonly #source: CopySource;
  readonly #target: CopyTarget;
  readonly #numbers = new Map<bigint, number>();

  constructor(source: CopySource, target: CopyTarget) {
    this.#source = source;
    this.#target = target;
  }

  /** Those that have come since the last time. Rejects where names were changed in rows that were copied. */
  async copy(): Promise<void> {
    const known = await this.#target.marks(WHAT);
    for await (const page of this.#source.combinations()) {
      const fresh: Combination[] = [];
      for (const combination of page) {
        const mark = known.get(Number(combination.id));
        known.delete(Number(combination.id));
        if (mark === undefined) fresh.push(combination);
        else this.#remember(combination, mark);
      }
      if (fresh.length > 0) await this.#store(fresh);
    }
    if (known.size > 0) refuseRenamed();
  }

  /** Of a row of the source. */
  numberOf(id: unknown): number {
    const number = this.#numbers.get(id as bigint);
    if (number === undefined) throw new LedgerlineError('invalid', `The source is damaged: it has no combination of dimensions ${id}.`);
    return number;
  }

  /** An erasure or a merge changes rows of the source that the target has under their old names. */
  #remember({ id, names }: Combination, mark: string): void {
    const [number, digest] = mark.split(' ');
    if (digest !== markOf(names)) refuseRenamed();
    this.#numbers.set(id, Number(number));
  }

  async #store(fresh: readonly Combination[]): Promise<void> {
    const numbers = await this.#target.store(fresh);
    for (const [id, number] of numbers) this.#numbers.set(id, number);
    const marks = fresh.map(({ id, names }): [number, string] => [Number(id), `${numbers.get(id)} ${markOf(names)}`]);
    await this.#target.transaction((into) => into.mark(WHAT, new Map(marks)));
  }
}

function refuseRenamed(): never {
  throw new LedgerlineError('invalid', 'Users were erased or renamed at the source after the copy was begun.', {
    hint: 'Empty the target, so that their former names are nowhere, and begin the copy again.',
  });
}
