/** Adjustments of sessions and pools that have records, and of others. */
import type { MeasureName } from '../../../collector/catalog/measures.ts';
import type { Amounts, Entry } from '../../../collector/ledger/entry.ts';
import { poolId } from '../../../collector/ledger/pools.ts';
import { importId } from '../../../collector/ledger/session-owners.ts';
import { adjustment, usd } from '../../support/entries.ts';
import type { Random } from '../../support/random.ts';
import { timeFrom } from './pool-records.ts';

const MEASURES: readonly MeasureName[] = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'requests', 'cost_estimated', 'api_duration_ms'];

export function generateAdjustments(random: Random, records: readonly Entry[]): Entry[] {
  const ids = [...records.map(({ sessionId }) => sessionId), importId('gateway', 'u', '2026-11-20'), poolId('owner9', '2026-11-20')];
  return Array.from({ length: 1 + random.below(12) }, (_, index) => {
    const amounts: Amounts = Object.fromEntries(MEASURES.filter(() => random.chance(0.4)).map((name) => [name, random.below(2_000) - 1_000]));
    const dimensions = random.chance(0.2) ? { workspace: 'elsewhere' } : {};
    return adjustment({
      ...{ id: `${index}`, sessionId: random.pick(ids), timeMs: timeFrom(random, 3), amounts, dimensions },
      ...{ cost: `${random.below(200) - 100}.000001`, listCost: usd(`${random.below(20) - 10}`) },
      ...{ model: random.pick(['opus', 'haiku']), user: random.pick(['u', 'v']) },
    });
  });
}
