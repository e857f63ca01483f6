/** Every planted difference is named with its amount, nothing remains, and whatever the figures are, they add up. */
import { describe, expect, test } from '@jest/globals';
import { CAUSES, causeOfBasis } from '../../../collector/query/reconcile/causes.ts';
import { type Cell, NO_SUMS, NO_TOKENS, type Telemetry, TOKEN_CLASSES } from '../../../collector/query/reconcile/cell.ts';
import { cellsOf } from '../../../collector/query/reconcile/cells.ts';
import { reconcileCells } from '../../../collector/query/reconcile/steps.ts';
import { type Sum, sumOfCells } from '../../../collector/query/reconcile/total.ts';
import { type Random, seededRandom } from '../../support/random.ts';
import { DAYS, Planting, RATES, type RecordKind } from './planted.ts';

const ROUNDS = 200;
const PLACE = { day: '2026-10-01', workspace: 'api', model: 'opus', biller: 'anthropic' } as const;
const NO_USAGE = { listSurcharge: 0n, tools: 0n, batch: 0n, otherProducts: 0n, discounts: 0n, credits: 0n };

describe.each<RecordKind>(['analytics', 'reports'])('what was planted, in records as %s', (kind) => {
  test('is named, each cause with its amount, and nothing remains', () => {
    const random = seededRandom(`planted causes, ${kind}`);
    for (let round = 0; round < ROUNDS; round += 1) {
      const { rows, records, mapping, expected, limitOf, ...totals } = new Planting(random, kind).plant();
      const sum = sumOfCells(reconcileCells(cellsOf(rows, records, mapping), limitOf));
      // What moves over a midnight inside the range is there on both days, and comes to nothing.
      expect(Object.fromEntries(sum.steps)).toEqual(Object.fromEntries(expected));
      expect(sum.remainder).toBe(0n);
      expect({ reported: sum.amounts.reported, list: sum.amounts.list, billed: sum.amounts.billed }).toEqual(totals);
      expectClosed(sum);
    }
  });
});

test('what is on the next day at the provider is moved there, up to what was booked around midnight', () => {
  const cell = (day: string, telemetry: bigint, counted: bigint): Cell => ({
    place: { ...PLACE, day },
    telemetry: telemetryOf(telemetry),
    billed: { ...NO_USAGE, tokens: counted, list: counted },
    counted: undefined,
  });
  const cells = [cell('2026-10-01', 100n, 70n), cell('2026-10-02', 50n, 80n)];
  const steps = (limit: bigint) => reconcileCells(cells, () => limit).map((one) => Object.fromEntries(one.steps));
  expect(steps(1_000n)).toEqual([{ day_edge: -30n }, { day_edge: 30n }]);
  expect(steps(20n)).toEqual([
    { day_edge: -20n, not_counted: -10n },
    { day_edge: 20n, missing_telemetry: 10n },
  ]);
  expect(steps(0n)).toEqual([{ not_counted: -30n }, { missing_telemetry: 30n }]);
});

test('money that no token explains remains', () => {
  const tokens = { ...NO_TOKENS, input: 1_000n };
  const worth = 1_000n * RATES.input;
  const [found] = reconcileCells(
    [
      {
        place: PLACE,
        telemetry: { ...telemetryOf(worth), tokens },
        billed: { ...NO_USAGE, tokens: worth + 7n, list: undefined },
        counted: { tokens, list: { ...NO_TOKENS, input: worth }, rates: RATES, surcharge: 0n, lifetime: 0n, unpriced: 0n },
      },
    ],
    () => 0n,
  );
  expect(found?.remainder).toBe(7n);
  expect(found?.steps).toEqual(new Map());
});

test('writes of unknown lifetime that were counted as one-hour ones are named', () => {
  const [fiveMinutes, oneHour] = [1_000n * RATES.cacheWrite5m, 1_000n * RATES.cacheWrite1h];
  const { metered, ...telemetry } = telemetryOf(fiveMinutes);
  const [found] = reconcileCells(
    [
      {
        place: PLACE,
        telemetry: { ...telemetry, metered: { ...metered, uncertain: oneHour - fiveMinutes }, tokens: { ...NO_TOKENS, cacheWrite5m: 1_000n } },
        billed: { ...NO_USAGE, tokens: oneHour, list: undefined },
        counted: {
          tokens: { ...NO_TOKENS, cacheWrite1h: 1_000n },
          list: { ...NO_TOKENS, cacheWrite1h: oneHour },
          ...{ rates: RATES, surcharge: 0n, lifetime: oneHour - fiveMinutes, unpriced: 0n },
        },
      },
    ],
    () => 0n,
  );
  expect(found?.steps).toEqual(new Map([['lifetime_counted', oneHour - fiveMinutes]]));
  expect(found?.remainder).toBe(0n);
});

test('what seats use beyond what their plan includes is billed as usage credits', () => {
  const [found] = reconcileCells(
    [
      {
        place: PLACE,
        telemetry: { ...telemetryOf(0n), covered: { ...NO_SUMS, reported: 100n, events: 100n, list: 100n, contracted: 100n } },
        billed: { ...NO_USAGE, tokens: 30n, list: 30n },
        counted: undefined,
      },
    ],
    () => 0n,
  );
  expect(Object.fromEntries(found?.steps ?? [])).toEqual({ covered: -100n, overage: 30n });
});

test('without a statement nothing is billed, and that is not zero', () => {
  const [found] = reconcileCells([{ place: PLACE, telemetry: telemetryOf(100n), billed: undefined, counted: undefined }], () => 0n);
  expect(found).toMatchObject({ amounts: { list: 100n, billed: undefined }, remainder: undefined });
});

test('whatever the figures are, reported cost, steps and remainder add up to what is billed', () => {
  const random = seededRandom('any figures');
  for (let round = 0; round < 2_000; round += 1) {
    const cells = Array.from({ length: 1 + random.below(12) }, () => anyCell(random));
    const limit = BigInt(random.below(1_000_000));
    const reconciled = reconcileCells(cells, () => limit);
    for (const cell of reconciled) expectClosed(sumOfCells([cell]));
    expectClosed(sumOfCells(reconciled));
  }
});

test('every cause has a sentence, and every value of price_basis a cause', () => {
  expect(causeOfBasis('list')).toBe('rounding');
  expect(causeOfBasis('')).toBe('unclassified');
  expect(causeOfBasis('a cause of a later version')).toBe('unclassified');
  for (const basis of ['cache_lifetime', 'price_date', 'discount', 'unexplained']) expect(causeOfBasis(basis)).toBe(basis);
  for (const { title, sentence } of Object.values(CAUSES)) expect([title, sentence].every((text) => text.length > 5)).toBe(true);
});

/** Both ways are walked from end to end. */
function expectClosed({ amounts, steps, remainder }: Sum): void {
  const along = (span: string): bigint => [...steps].reduce((sum, [cause, amount]) => sum + (CAUSES[cause].span === span ? amount : 0n), 0n);
  expect(amounts.reported + along('reported_list')).toBe(amounts.list);
  expect(amounts.list + along('list_billed') + (remainder ?? 0n)).toBe(amounts.billed ?? 0n);
}

const telemetryOf = (list: bigint): Telemetry => ({
  metered: { ...NO_SUMS, reported: list, events: list, list, contracted: list },
  covered: NO_SUMS,
  differences: new Map(),
  tokens: NO_TOKENS,
  moved: { sums: NO_SUMS, tokens: NO_TOKENS },
});

function anyCell(random: Random): Cell {
  const amount = (): bigint => BigInt(random.below(2_000_000)) - (random.chance(0.1) ? 1_000_000n : 0n);
  const sums = () => ({ reported: amount(), events: amount(), estimated: amount(), list: amount(), contracted: amount(), uncertain: amount() });
  const classes = () => Object.fromEntries(TOKEN_CLASSES.map((name) => [name, BigInt(random.below(3) * random.below(1_000))])) as typeof NO_TOKENS;
  const [metered, covered] = [sums(), sums()];
  const difference = metered.events + metered.estimated + covered.events + covered.estimated - metered.list - covered.list;
  const half = amount();
  return {
    place: {
      day: random.pick(DAYS),
      workspace: random.pick(['a', 'b']),
      model: random.pick(['opus', 'haiku']),
      biller: random.pick(['anthropic', 'aws'] as const),
    },
    telemetry: {
      ...{ metered, covered, tokens: classes(), moved: { sums: random.chance(0.5) ? NO_SUMS : sums(), tokens: classes() } },
      differences: new Map([
        ['list', half],
        ['promotion', difference - half],
      ]),
    },
    billed: random.chance(0.2)
      ? undefined
      : {
          ...{ tokens: amount(), tools: amount(), batch: amount(), otherProducts: amount(), listSurcharge: amount() },
          ...{ discounts: amount(), credits: amount() },
          list: random.chance(0.5) ? undefined : amount(),
        },
    counted: random.chance(0.3)
      ? undefined
      : {
          ...{ tokens: classes(), list: classes(), rates: classes(), surcharge: amount(), lifetime: amount() },
          unpriced: random.chance(0.8) ? 0n : 5n,
        },
  };
}
