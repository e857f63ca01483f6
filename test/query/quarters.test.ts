import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SPEND } from '../../collector/query/spend.ts';
import { Random } from '../support/random.ts';
import { openQuestioned, type Questioned } from './put-question.ts';
import { costOf, pico, randomEntries } from './random-entries.ts';

const NOW = Date.parse('2026-11-20T00:00:00Z');
const entries = randomEntries(new Random(3), { count: 150, fromMs: Date.parse('2025-11-01T00:00Z'), toMs: NOW });
let asked: Questioned;

beforeAll(async () => {
  asked = await openQuestioned(NOW);
  for (const own of Map.groupBy(entries, ({ sessionId }) => sessionId).values()) await asked.append(...own);
});
afterAll(() => asked.close());

test.each(['UTC', 'America/St_Johns', 'Pacific/Auckland'])('spend by quarter in %s is the sum of the entries of each', async (tz) => {
  const { rows, totals, grain } = await asked.put(SPEND, `grain=quarter&by=team&tz=${tz}`);
  const expected = Map.groupBy(entries, ({ timeMs, dimensions }) => {
    const { year, month } = Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(tz);
    return `${year}-${Math.ceil(month / 3)} ${dimensions.team ?? 'unallocated'}`;
  });
  const shown = rows.map(({ start, team, cost_usd }) => {
    const { year, month, day } = Temporal.Instant.from(String(start)).toZonedDateTimeISO(tz);
    expect([(month - 1) % 3, day]).toEqual([0, 1]);
    return [`${year}-${Math.ceil(month / 3)} ${team}`, pico(String(cost_usd))] as const;
  });
  expect(new Map(shown)).toEqual(new Map([...expected].map(([key, own]) => [key, costOf(own)])));
  expect(grain).toBe('quarter');
  expect(pico(String(totals.cost_usd))).toBe(costOf(entries));
  // Pages are cut from the same rows.
  const page = await asked.put(SPEND, `grain=quarter&by=team&tz=${tz}&limit=3`);
  expect(page.rows).toEqual(rows.slice(0, 3));
});
