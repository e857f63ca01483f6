/** Every gauge of a selection against a plain computation over the raw entries, for generated ledgers, filters and instants. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GAUGES, type GaugeDeclaration, type GaugeName } from '../../collector/catalog/gauges.ts';
import type { Filter } from '../../collector/catalog/values.ts';
import { GAUGE_READERS } from '../../collector/query/gauges/registry.ts';
import { contextOf } from '../query/gauges/gauge-context.ts';
import { seededRandom } from '../support/random.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { generated, LAST, MINUTE, type Own, stored } from './oracles/asked.ts';
import { expectedOf, SELECTION_ORACLES, USERS } from './oracles/selections.ts';

const CASES = 25;

const NAMES = (Object.entries(GAUGES) as [GaugeName, GaugeDeclaration][]).flatMap(([name, { isOfSelection }]) => (isOfSelection ? [name] : []));

test('every gauge of a selection has an oracle; forecasts are held to each other', () => {
  expect(NAMES.filter((name) => !SELECTION_ORACLES.includes(name))).toEqual(['forecast']);
});

describe.each(['UTC', 'America/New_York', 'Asia/Kolkata'])('a ledger in %s', (timeZone) => {
  const random = seededRandom(`gauges ${timeZone}`);
  const entries = generated(random, timeZone);
  let ledger: TestLedger;
  beforeAll(async () => {
    ledger = await openTestLedger({ timeZone });
    await ledger.writer.append({ entries, receivedMs: LAST });
  });
  afterAll(() => ledger.destroy());

  const filters = (dimensions: readonly Own[]): Filter[] =>
    dimensions
      .filter(() => random.chance(0.35))
      .map((dimension) => {
        const values = [...new Set(entries.map((entry) => stored(entry, dimension)))];
        return { dimension, values: [...new Set([random.pick(values), random.pick(values)])] };
      });

  test.each(NAMES.filter((name) => name !== 'forecast'))('%s is what its help says, of all that is chosen and of its parts', async (name) => {
    for (let index = 0; index < CASES; index++) {
      // Of sessions only the owner is one.
      const dimensions: Own[] = [
        'organization',
        'team',
        'user',
        'workspace',
        ...(name === 'background_cost_per_session' ? [] : (['model'] as const)),
      ];
      const where = index === 0 ? [] : filters(dimensions);
      const nowMs = LAST + random.below((name in USERS ? 20 : 3) * 24 * 60) * MINUTE;
      const samples = await GAUGE_READERS[name].read(contextOf(ledger, { nowMs, timeZone, where }));
      const right = expectedOf(name, { entries, nowMs, timeZone, where });
      const shown = samples.map(({ labels: [organization, team, rest = ''], value }) => [`${organization},${team},${rest}`, value] as const);
      const wanted = [...right].map(([key, value]) => [key, value] as const);
      const byKey = ([a]: readonly [string, number], [b]: readonly [string, number]): number => (a < b ? -1 : 1);
      const nearly = wanted.sort(byKey).map(([key, value]) => [key, expect.closeTo(value, 9)]);
      expect([where, nowMs, shown.sort(byKey)]).toEqual([where, nowMs, nearly]);
    }
  });
});
