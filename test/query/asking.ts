/** Questions put to a real ledger, as a surface puts them; every answer is held to the schema that it promises. */
import type { ReadScope } from '../../collector/catalog/read-scope.ts';
import { configSchema } from '../../collector/config/config.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { type Asking, askingAs, type Question } from '../../collector/query/question.ts';
import type { TestLedger } from '../support/sqlite-ledger.ts';

const prices = loadPriceBook();

export interface AskingOptions {
  readonly nowMs: number;
  /** As an operator would write it. */
  readonly config?: object;
  readonly scope?: ReadScope;
  readonly prices?: Asking['prices'];
}

export function askingOf({ reader }: TestLedger, { nowMs, config = {}, scope = 'all', ...rest }: AskingOptions): Asking {
  const asking: Asking = {
    ...{
      reader,
      scope: 'all',
      asker: { credentials: {}, mayRead: true },
      config: configSchema.parse(config),
      now: () => nowMs,
      prices: rest.prices ?? prices,
    },
    budgets: { revision: () => 0, budgets: (configured) => configured, audit: () => [] },
    alerts: { records: () => [], deliveries: () => [] },
    selfText: async () => '',
    refusals: async () => [],
  };
  return askingAs(asking, scope);
}

export async function ask<Asked, Answer>(question: Question<Asked, Answer>, query: string, asking: Asking): Promise<Answer> {
  const { answer } = await question.respond({ parameters: new URLSearchParams(query) }, asking);
  return question.answer.parse(answer);
}

/** Many at once: each export is a batch of its own session. */
export async function appendAll({ writer }: TestLedger, entries: readonly Entry[]): Promise<void> {
  for (const own of Map.groupBy(entries, ({ sessionId }) => sessionId).values())
    await writer.append({ entries: own, receivedMs: Math.max(...own.map(({ timeMs }) => timeMs)) });
}
