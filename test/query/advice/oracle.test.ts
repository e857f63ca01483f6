/** Every amount against an oracle of its own, over sessions with everything that goes wrong. */
import { describe, expect, test } from '@jest/globals';
import { formatUsd } from '../../../collector/core/money.ts';
import { ADVICE, type AdviceAnswer } from '../../../collector/query/advice.ts';
import { seededRandom } from '../../support/random.ts';
import { DAY, TODAY } from '../explain/scenario.ts';
import { openQuestioned } from '../put-question.ts';
import { anySession } from './generated.ts';
import { type Amounts, adviceOf } from './oracle.ts';

/** More: LEDGERLINE_ADVICE_LEDGERS=200 npm test -- query/advice/oracle --testTimeout=3600000 */
const LEDGERS = Number(process.env.LEDGERLINE_ADVICE_LEDGERS ?? 6);
const SESSIONS = 12;
const random = seededRandom('advice');
const WHEN = 'from=2026-11-01&to=2026-12-31';

const shown = (amounts: Amounts): Record<string, string | null> =>
  Object.fromEntries(Object.entries(amounts).map(([rule, amount]) => [rule, amount === undefined ? null : formatUsd(amount)]));
const amountsOf = ({ advice, saved_usd }: AdviceAnswer): Record<string, string | null> => ({
  ...Object.fromEntries(advice.map((item) => [item.code, item.saved_usd])),
  together: saved_usd,
});

describe('advice about generated sessions', () => {
  test(`of ${LEDGERS} ledgers is what the oracle says, of all users and of each`, async () => {
    const seen = new Set<string>();
    for (let ledger = 0; ledger < LEDGERS; ledger++) {
      const entries = Array.from({ length: SESSIONS }, (_, index) => anySession(random, `session ${ledger} ${index}`)).flat();
      const asked = await openQuestioned(TODAY + 30 * DAY);
      try {
        // In any order, and some of them again.
        await asked.append(...random.shuffle(entries));
        await asked.append(...random.shuffle(entries).slice(0, 50));
        const whole = await asked.put(ADVICE, WHEN);
        expect(amountsOf(whole)).toEqual(shown(adviceOf(entries)));
        for (const user of ['ada', 'bob']) {
          const own = entries.filter(({ dimensions }) => dimensions.user === user);
          const answer = await asked.put(ADVICE, `${WHEN}&user=${user}`);
          expect(amountsOf(answer)).toEqual(shown(adviceOf(own)));
          expect(JSON.stringify(answer.users)).not.toContain(user === 'ada' ? '"bob"' : '"ada"');
        }
        for (const { code } of whole.advice) seen.add(code);
      } finally {
        await asked.close();
      }
    }
    // Else a rule was not tried at all.
    expect([...seen].sort()).toEqual(['background', 'cache_rebuilds', 'late_compaction', 'smaller_model', 'tasks_without_clear']);
  });
});
