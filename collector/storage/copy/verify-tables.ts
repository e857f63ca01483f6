/** Small tables that no answer shows as a whole: values that are kept apart, who was erased, counters, repricings. */
import { merged } from './copied-tables.ts';
import type { CopySource, CopyTarget, SmallTable } from './ends.ts';
import { contentDifference, contentOf } from './verify-content.ts';

const COMPARED: readonly SmallTable[] = ['state', 'dimension_values', 'repricings', 'erased'];

export async function* tableDifferences(source: CopySource, target: CopyTarget): AsyncGenerator<string, void> {
  for (const table of COMPARED) {
    const was = await contentOf([merged(table, await source.small(table))]);
    yield* contentDifference(table, was, await contentOf([await target.small(table)]));
  }
  const { erasureKey } = await source.facts();
  // With another one, names that were erased would come back with the next records.
  if (erasureKey !== (await target.erasureKey())) yield 'the key of erased names: not the same.';
}
