/** A filled ledger as the collector's read worker asks it, and which questions are typical. */
import { join } from 'node:path';
import { ALL_QUESTIONS } from '../../collector/api/api.ts';
import { BudgetWatch } from '../../collector/budgets/spend-watch.ts';
import type { ReadScope } from '../../collector/catalog/read-scope.ts';
import { fullSessionId, shownSessionId } from '../../collector/catalog/session-ids.ts';
import { configSchema } from '../../collector/config/config.ts';
import { periodAround } from '../../collector/core/time-range.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import type { Asking, Question } from '../../collector/query/question.ts';
import { openBudgetStore } from '../../collector/storage/sqlite/budget-store.ts';
import { QueryThread } from '../../collector/storage/sqlite/query-client.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { CALENDAR, readAt } from './ledger-file.ts';

export interface AskedOften {
  readonly question: Question;
  /** Query string. */
  readonly words: string;
  readonly path: Readonly<Record<string, string>>;
  /** What is asked before every prompt, or on every page. */
  readonly isFast: boolean;
}

export interface Questions {
  readonly asking: Asking;
  readonly team: ReadScope;
  readonly all: readonly AskedOften[];
  close(): Promise<void>;
}

/** By the id of the question. One that is not here is asked without words. */
const TYPICAL: Readonly<Record<string, readonly string[]>> = {
  spend: [
    'by=team&period=this_month',
    'grain=day&period=last-30d',
    'by=user&period=this_month',
    'by=team,model&grain=day&period=last-30d',
    'by=user,workspace,model&period=this_month',
    'by=user&period=this_month&tz=America/New_York',
    'by=tool&period=this_month',
  ],
  analysis: ['month=2026-11', 'month=2026-10'],
  trend: ['days=30', 'days=30&by=team', 'months=3'],
  breakdown: ['by=team&period=this_month', 'by=user&period=this_month', 'by=model&period=this_month', 'by=tool&period=this_month'],
  compare: ['models=all&period=this_month', 'teams=all&period=this_month', 'periods=this_month,last_month'],
  top: ['window=1h', 'window=24h'],
  usage: ['grain=day&period=this_month', 'grain=month'],
  usage_sessions: ['period=this_month'],
  blocks: ['period=last-7d'],
  sessions: ['period=this_month', 'order=cost', 'order=duration&limit=500', 'search=person-77', 'search=nothing-is-called-so'],
  explain: ['period=last-24h', 'period=this_month'],
  advice: ['period=last-30d', 'period=last-30d&where=team:platform'],
  reconcile: ['month=2026-11', 'month=2026-10&by=workspace'],
  limits_plan: ['users=200'],
  forecast_rollout: ['pilot=team:platform&users=400'],
  chargeback: ['month=2026-11'],
  directory_check: ['period=this_month'],
  directory_users: [''],
  board: ['period=this_month'],
  budgets: ['', 'forecast=true'],
};

const FAST = new Set(['spend', 'my_budget']);

export async function openQuestions(file: string, folder: string, nowMs: number): Promise<Questions> {
  const config = configSchema.parse({
    budgets: [
      { name: 'everybody', period: 'month', amount_usd: '500000.00' },
      { name: 'each-team', per: 'team', period: 'month', amount_usd: '10000.00' },
      { name: 'each-user', per: 'user', period: 'month', amount_usd: '300.00' },
    ],
  });
  const reader = readAt(file, nowMs);
  const budgets = openBudgetStore(join(folder, 'budgets.sqlite'));
  const elsewhere = new QueryThread({ file, ...CALENDAR });
  const now = (): number => nowMs;
  const watch = new BudgetWatch({ reader, config, budgets, now, elsewhere, log: () => undefined });
  await watch.start();
  const asking: Asking = {
    ...{ reader, scope: 'all', asker: { credentials: {}, mayRead: true }, config, now, prices: loadPriceBook(), budgets, watch },
    alerts: { records: async () => [], deliveries: async () => [] },
    selfText: async () => '',
    refusals: async () => [],
  };
  const [newest] = await reader.sessions({ limit: 1, order: 'cost', ...periodAround('month', nowMs, CALENDAR) });
  if (newest === undefined) throw new Error('The ledger has no sessions of this month.');
  const id = fullSessionId(newest.sessionId);
  const paths = pathsOf(id, newest.user);
  return {
    asking,
    team: [{ dimension: 'team', values: [newest.team] }],
    all: [
      ...ALL_QUESTIONS.flatMap((question) =>
        (paths[question.id] ?? [{}]).flatMap((path) =>
          wordsOf(question, newest.user, shownSessionId(newest.sessionId)).map((words) => ({ question, words, path, isFast: FAST.has(question.id) })),
        ),
      ),
    ],
    close: async () => {
      await watch.stop();
      await elsewhere.close();
      await reader.close();
      await budgets.close();
    },
  };
}

function wordsOf({ id, parameters }: Question, user: string, session: string): readonly string[] {
  if (id === 'my_budget' || id === 'statusline') return [`user=${encodeURIComponent(user)}`];
  const typical = TYPICAL[id] ?? [''];
  return id === 'explain' && 'session' in parameters ? [...typical, `session=${session}`] : typical;
}

const pathsOf = (session: string, user: string): Readonly<Record<string, readonly Readonly<Record<string, string>>[]>> => ({
  session: [{ session }, { session: session.slice(0, 8) }],
  session_requests: [{ session }],
  budget: [{ key: `each-user/${user}` }],
  budget_audit: [{ name: 'each-user' }],
  job_cost: [{ repository: 'acme/api', about: 'branch', value: 'main' }],
  board: BOARDS.map(({ id }) => ({ id })),
  panel: [{ id: BOARDS[0]?.id ?? '', panel: BOARDS[0]?.rows[0]?.panels[0]?.id ?? '' }],
});
