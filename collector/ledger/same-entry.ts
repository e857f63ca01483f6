/**
 * Is an entry that comes again the one that is kept? Same amounts of the same model are; who it was booked to may have been reported
 * differently since. What the price book made of it is no difference either: prices may have changed between two deliveries, and each is
 * priced as it arrives. An adjustment says amounts of its own, and all of them count.
 */
import { MEASURE_NAMES, type MeasureName } from '../catalog/measures.ts';
import type { IncomingEntry, StoredEntry } from './tables.ts';

const PRICED: ReadonlySet<MeasureName> = new Set([
  ...(['cost_list_uncached', 'cost_list_uncertain', 'cost_contracted', 'unpriced_tokens'] as const),
  // Solved from the cost, where the client does not say it.
  'cache_creation_1h_tokens',
]);
const OF_THE_CLIENT = MEASURE_NAMES.filter((name) => !PRICED.has(name));

export function isSameEntry(known: StoredEntry, entry: IncomingEntry): boolean {
  if (known.model !== entry.model || known.cost !== entry.cost) return false;
  if (entry.isAdjustment === true) return known.amountsText === entry.amountsText && known.listCost === entry.listCost;
  return known.amountsText === entry.amountsText || OF_THE_CLIENT.every((name) => known.amounts[name] === entry.amounts[name]);
}
