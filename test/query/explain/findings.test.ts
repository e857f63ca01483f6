/** Each finding is there on a day that has it, with what it explains to the last digit of a sum by hand, and not on a day near it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseUsd } from '../../../collector/core/money.ts';
import { EXPLAIN, type ExplainAnswer } from '../../../collector/query/explain.ts';
import { openQuestioned, type Questioned } from '../put-question.ts';
import { costOf, DAY, QUESTION, TODAY, usualDays } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';

/** Teams are apart from each other, so that one ledger has room for all. */
const days = SCENARIOS.map((scenario) => {
  const { code, has, near, before = usualDays } = scenario;
  const [with_, without] = [`${code}-has`, `${code}-near`];
  return {
    ...scenario,
    has: { team: with_, before: before(with_), day: has(with_) },
    near: { team: without, before: before(without), day: near(without) },
  };
});

describe('what explains a day', () => {
  let asked: Questioned;
  const explain = (team: string): Promise<ExplainAnswer> => asked.put(EXPLAIN, `${QUESTION}&where=team:${team}`);

  beforeAll(async () => {
    asked = await openQuestioned(TODAY + DAY);
    for (const { has, near } of days) await asked.append(...has.before, ...has.day, ...near.before, ...near.day);
  });
  afterAll(() => asked.close());

  test.each(days)('$code', async ({ code, has, near, explains, says }) => {
    const answer = await explain(has.team);
    const found = answer.findings.find((finding) => finding.code === code);
    expect(answer.findings.map((finding) => finding.code)).toContain(code);
    const read = JSON.stringify([found?.title, found?.evidence.map(({ text }) => text), found?.advice]);
    for (const words of says) expect(read).toMatch(words);
    expect(parseUsd(answer.cost_usd)).toBe(costOf(has.day));
    const claimed = parseUsd(found?.explains_usd ?? '') ?? -1n;
    if (explains !== undefined) expectClose(claimed, explains(has.day, has.before), found?.estimated === true);
    expect((await explain(near.team)).findings.map((finding) => finding.code)).not.toContain(code);
  });

  test('a usual day has nothing that stands out, and says so with the comparison', async () => {
    const answer = await explain('more_requests-near');
    expect(answer.findings).toEqual([]);
    expect(answer.headline).toBe(
      '$0.46 for 24 requests, close to the $0.46 that is usual for this length of time (median of the 14 days before). Nothing that would explain a cost stands out.',
    );
  });

  test('findings overlap, and the answer says so where they claim more than there is', async () => {
    for (const { has } of days) {
      const { findings, claimed_share, overlap } = await explain(has.team);
      expect(findings.every(({ share }) => share <= 1)).toBe(true);
      expect(findings.map(({ share }) => share)).toEqual(findings.map(({ share }) => share).toSorted((a, b) => b - a));
      expect(overlap === null).toBe(claimed_share <= 1);
      expect(claimed_share).toBeCloseTo(
        findings.reduce((sum, { share }) => sum + share, 0),
        9,
      );
    }
  });
});

/** A sum is a sum; what is calculated may be cut at the ninth digit. */
function expectClose(claimed: bigint, expected: bigint, isEstimated: boolean): void {
  const difference = claimed > expected ? claimed - expected : expected - claimed;
  expect({ claimed, expected, isClose: difference <= (isEstimated ? expected / 1_000_000n + 1n : 0n) }).toEqual({ claimed, expected, isClose: true });
}
