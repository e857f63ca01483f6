/** Scopes of readers that name what no record has: mostly a name that is spelt otherwise, so that its reader sees nothing. */
import { showValue } from '../catalog/values.ts';
import type { Finding } from '../core/finding.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import type { NamedScope } from '../server/reader-scope.ts';
import { knownFilters } from './known-values.ts';

const SHOWN_MAX = 5;

/** All of them as one, each with the nearest known name where there is one. None while the ledger is empty. */
export async function readerFindings(scopes: readonly NamedScope[], reader: LedgerSnapshot): Promise<Finding[]> {
  const named = scopes.flatMap(({ name, filters }) =>
    filters.flatMap(({ dimension, values }) => values.map((value) => ({ name, dimension, value }))),
  );
  const merged = [...Map.groupBy(named, ({ dimension }) => dimension)].map(([dimension, all]) => ({
    ...{ dimension, values: [...new Set(all.map(({ value }) => value))] },
  }));
  const { hints } = await knownFilters(merged, reader);
  const sentences = hints.flatMap((hint) => {
    const meant = hint.nearest === null ? '.' : `; did you mean "${hint.nearest}"?`;
    const readers = named.filter(({ dimension, value }) => dimension === hint.dimension && showValue(dimension, value) === hint.value);
    return readers.map(({ name }) => `${name} may see ${hint.dimension}=${hint.value}, which no record has${meant}`);
  });
  if (sentences.length === 0) return [];
  const more = sentences.length > SHOWN_MAX ? ` ${sentences.length - SHOWN_MAX} more have the same problem.` : '';
  return [
    {
      code: 'reader_scope_unknown',
      severity: 'info',
      message: `Scopes of readers name values that the ledger does not know: ${sentences.slice(0, SHOWN_MAX).join(' ')}${more}`,
      remedy:
        'Correct the name under auth in ledgerline.yaml, or leave it until the first record. `ledgerline report --by team` shows the names that the ledger has.',
    },
  ];
}
