/** The sum of any export is the report of the same range, to the last digit. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseUsd } from '../../collector/core/money.ts';
import type { Asking } from '../../collector/query/question.ts';
import { SPEND } from '../../collector/query/spend.ts';
import { seededRandom } from '../support/random.ts';
import type { TestLedger } from '../support/sqlite-ledger.ts';
import { NOW_MS, randomLedger } from './random-ledger.ts';
import { randomQuestion } from './random-questions.ts';
import { readParquet } from './read-parquet.ts';
import { contextOver, exported, readCsv } from './reading.ts';

const random = seededRandom('exports');
/** In each of the parts, which a busy machine finishes in time. */
const QUESTIONS = 250;
const PARTS = [1, 2, 3, 4];
let ledger: TestLedger;
beforeAll(async () => {
  ledger = await randomLedger(random, 200);
});
afterAll(() => ledger.destroy());

const sum = (amounts: readonly string[]): bigint => amounts.reduce((total, amount) => total + (parseUsd(amount) ?? 1n), 0n);

/** What the report says: its rows, and its totals. */
async function report(query: string) {
  const context = contextOver(ledger.reader);
  const asking = { ...context, scope: 'all', now: () => NOW_MS } as unknown as Asking;
  return (await SPEND.respond({ parameters: new URLSearchParams(query) }, asking)).answer;
}

describe('the sum of an export is that of the report', () => {
  test.each(PARTS)(`in ${QUESTIONS} questions of each format, part %d`, async () => {
    for (let index = 0; index < QUESTIONS; index++) {
      const { range, by, grain } = randomQuestion(random);
      const asked = await report(`${range}&by=${by}&grain=${grain}&measures=cost,requests,input_tokens,cost_list`);
      const total = parseUsd(String(asked.total));
      const usage = `${range}&by=${by}&grain=${grain}&measures=cost,requests,input_tokens,cost_list`;
      const fields = ['cost_usd', 'requests', 'input_tokens', 'cost_usd_list'];
      const key = (row: Readonly<Record<string, unknown>>): string =>
        JSON.stringify(Object.entries(row).map(([name, value]) => [name, String(value)]));

      const csv = await exported(`format=csv&${usage}`, contextOver(ledger.reader));
      expect(csv.tally).toEqual({ rows: asked.rows.length, cost: total });

      const lines = await exported(`format=jsonl&${usage}`, contextOver(ledger.reader));
      const objects = lines.bytes
        .toString()
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line));
      expect(objects.map(key).sort()).toEqual(asked.rows.map(key).sort());
      const rows = readCsv(csv.bytes.toString());
      for (const field of fields) expect(rows.map((row) => row[field]).sort()).toEqual(asked.rows.map((row) => String(row[field])).sort());

      const parquet = await readParquet((await exported(`format=parquet&${usage}`, contextOver(ledger.reader))).bytes);
      expect(parquet.map(key)).toEqual(objects.map(key));

      for (const format of ['focus', 'aws-billing']) {
        const column = format === 'focus' ? 'EffectiveCost' : 'line_item_unblended_cost';
        const { bytes, tally } = await exported(`format=${format}&${range}`, contextOver(ledger.reader));
        const charges = readCsv(bytes.toString());
        expect({ sum: sum(charges.map((row) => row[column] ?? '')), ...tally }).toEqual({ sum: total, cost: total, rows: charges.length });
      }
      const days = (await exported(`format=ccusage&${range}`, contextOver(ledger.reader))).bytes.toString();
      expect(/"totals":\{.*"totalCost":(-?[\d.]+)\}\}\n$/.exec(days)?.[1]).toBe(String(asked.total));
    }
  });
});
