import { describe, expect, test } from '@jest/globals';
import { isDimension, isMeasure } from '../../../collector/catalog/measures.ts';
import type { AttributeValue } from '../../../collector/ingest/attribution/claims.ts';
import { EVENTS } from '../../../collector/ingest/claude-code/events.ts';
import { KNOWN_ATTRIBUTES } from '../../../collector/ingest/claude-code/known-attributes.ts';
import { METRICS } from '../../../collector/ingest/claude-code/metrics.ts';
import type { Interpretation, Usage } from '../../../collector/ingest/usage.ts';
import { Random } from '../../support/random.ts';
import { createTestInterpreter, dataPoint, eventRecord, logsExport, metricsExport, type Plain, RECEIVED_MS, TIME_MS } from './support.ts';

const SEED = Number(process.env.LEDGERLINE_TEST_SEED ?? Date.now() % 1_000_000);
const RUNS = 20_000;
const VALUES: readonly AttributeValue[] = [
  ...['', ' ', '0', '-1', '1e400', 'NaN', 'null', 'true', '\u0000', '\ud800', '__proto__', 'constructor', '0x10', '9'.repeat(500), 'x'.repeat(5_000)],
  ...[
    0,
    -0,
    -1,
    1.5,
    1e308,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.MAX_SAFE_INTEGER,
    true,
    false,
    '[1,2]',
    '{"a":1}',
    '%E0%A4%A',
    'claude-opus-5[1m]',
  ],
];
const NAMES = [...KNOWN_ATTRIBUTES, '__proto__', 'toString', '', 'x'.repeat(1_000)];

function randomAttributes(random: Random): Plain {
  return Object.fromEntries(Array.from({ length: random.below(12) }, () => [random.pick(NAMES), random.pick(VALUES)]));
}

/** The first promise of a usage that does not hold, however odd the record was. */
function findFlaw(usage: Usage): string | undefined {
  if (!/^[\w-]{16}$/.test(usage.identity)) return `identity ${usage.identity}`;
  if (!(usage.timeMs > 0) || !Number.isFinite(usage.startMs ?? 0)) return `times ${usage.timeMs} ${usage.startMs}`;
  if (usage.cost !== undefined && usage.cost < 0n) return `cost ${usage.cost}`;
  const amount = Object.entries(usage.amounts).find(([name, value]) => !isMeasure(name) || !Number.isSafeInteger(value) || value < 0);
  if (amount !== undefined) return `amount ${amount}`;
  const dimension = Object.entries(usage.dimensions).find(([name, value]) => !isDimension(name) || value === '' || value.length > 200);
  return dimension === undefined ? undefined : `dimension ${dimension}`;
}

function checkExport({ usages, rejections }: Interpretation): string | undefined {
  if (usages.length + rejections.length !== 1) return `${usages.length} usages and ${rejections.length} rejections of one record`;
  const rejection = rejections.find(({ reason, message }) => !/^[a-z_]+$/.test(reason) || message.length >= 400);
  return rejection === undefined ? usages.map(findFlaw).find((flaw) => flaw !== undefined) : `rejection ${JSON.stringify(rejection)}`;
}

describe(`hostile records (LEDGERLINE_TEST_SEED=${SEED})`, () => {
  test('should each be booked soundly or rejected with a reason, never break the export', () => {
    const random = new Random(SEED);
    const interpret = createTestInterpreter();
    const flaws: string[] = [];
    for (let run = 0; run < RUNS; run++) {
      const times = { timeMs: random.pick([0, -1, TIME_MS, Number.NaN, 8.7e15]) };
      const starts = { ...times, startMs: random.pick([0, TIME_MS, Number.NaN, 9e15]) };
      const event = logsExport([eventRecord(random.pick([...EVENTS.keys(), '', 'é', 'a'.repeat(300)]), randomAttributes(random), times)]);
      const value = Number(random.pick(VALUES));
      const point = metricsExport([dataPoint(`claude_code.${random.pick([...METRICS.keys()])}`, value, randomAttributes(random), starts)]);
      for (const received of [event, point]) {
        const flaw = checkExport(interpret(received, RECEIVED_MS));
        if (flaw !== undefined) flaws.push(flaw);
      }
    }
    expect(flaws).toEqual([]);
  });
});
