/** Puts questions to a real embedded ledger, and holds every answer to its schema. */

import { emptyJournal } from '../../collector/budgets/journal.ts';
import type { ReadScope } from '../../collector/catalog/read-scope.ts';
import type { BudgetConfig } from '../../collector/config/budgets.ts';
import { configSchema } from '../../collector/config/config.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { type Asking, askingAs, type Question } from '../../collector/query/question.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';

/** Reading the files takes longer than most questions. */
const PRICES = loadPriceBook();

export interface Questioned {
  readonly ledger: TestLedger;
  readonly asking: Asking;
  /** Received now. */
  append(...entries: Entry[]): Promise<void>;
  /** `words`: a query string. */
  put<Answer>(question: Question<unknown, Answer>, words?: string, more?: { path?: Record<string, string>; scope?: ReadScope }): Promise<Answer>;
  close(): Promise<void>;
}

export async function openQuestioned(nowMs: number, config: object = {}): Promise<Questioned> {
  const parsed = configSchema.parse(config);
  const ledger = await openTestLedger({ timeZone: parsed.timezone, weekStart: parsed.week_start });
  const budgets: Asking['budgets'] = { ...emptyJournal, budgets: async (configured: readonly BudgetConfig[]) => [...configured] };
  const asking: Asking = {
    ...{
      reader: ledger.reader,
      scope: 'all',
      asker: { credentials: {}, mayRead: true },
      config: parsed,
      now: () => nowMs,
      prices: PRICES,
      budgets,
    },
    alerts: { records: async () => [], deliveries: async () => [] },
    selfText: async () => '',
    refusals: async () => [],
  };
  return {
    ledger,
    asking,
    append: async (...entries) => void (await ledger.writer.append({ entries, receivedMs: nowMs })),
    async put(question, words = '', { path, scope } = {}) {
      const given = { parameters: new URLSearchParams(words), ...(path !== undefined && { path }) };
      const { answer } = await question.respond(given, scope === undefined ? asking : askingAs(asking, scope));
      question.answer.parse(answer);
      return answer;
    },
    close: () => ledger.destroy(),
  };
}
