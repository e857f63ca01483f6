/** One JSON, written by an export and by a command: scripts that read it must not notice which. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { usageJson } from '../../collector/cli/ccusage-json.ts';
import type { Asking } from '../../collector/query/question.ts';
import { USAGE } from '../../collector/query/usage.ts';
import { seededRandom } from '../support/random.ts';
import type { TestLedger } from '../support/sqlite-ledger.ts';
import { NOW_MS, randomLedger } from './random-ledger.ts';
import { randomQuestion } from './random-questions.ts';
import { contextOver, exported } from './reading.ts';

const random = seededRandom('ccusage');
const QUESTIONS = 150;
let ledger: TestLedger;
beforeAll(async () => {
  ledger = await randomLedger(random, 400);
});
afterAll(() => ledger.destroy());

/** Numbers as they are written, with all of their digits. */
const parsed = (text: string): unknown =>
  JSON.parse(text, (_, value: unknown, { source }: { source?: string } = {}) => (typeof value === 'number' ? `number ${source}` : value));

async function daily(query: string): Promise<string> {
  const asking = { ...contextOver(ledger.reader), scope: 'all', now: () => NOW_MS } as unknown as Asking;
  const { answer } = await USAGE.respond({ parameters: new URLSearchParams(query) }, asking);
  return JSON.stringify(usageJson('daily', answer, { withCost: true }));
}

test(`an export and \`daily --json\` should print the same in ${QUESTIONS} questions`, async () => {
  for (let index = 0; index < QUESTIONS; index++) {
    const { range } = randomQuestion(random);
    const { bytes } = await exported(`format=ccusage&${range}`, contextOver(ledger.reader));
    expect(parsed(bytes.toString())).toEqual(parsed(await daily(range)));
  }
});
