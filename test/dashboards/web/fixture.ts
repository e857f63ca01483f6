/** Two ledgers for the page: a small one whose figures are known, with a hostile name in it, and the demo's organization with everything boards show. */
import { configSchema } from '../../../collector/config/config.ts';
import { startApi, type TestApi } from '../../api/support.ts';
import { createDemoFeed } from '../../support/demo-feed.ts';
import { event, NOON } from '../../support/entries.ts';

const DAY_MS = 86_400_000;

export const HOSTILE = `<img src=x onerror="alert(1)">`;
/** The most expensive first; one without a name. */
export const TEAMS = ['platform', 'search', HOSTILE, '', 'web', 'mobile', 'data', 'payments', 'risk', 'ads', 'maps'];

/** 45 days of eleven teams of one person each, up to NOON. */
export async function startSmallApi(): Promise<TestApi> {
  const api = await startApi({ config: { timezone: 'Asia/Kolkata' }, nowMs: NOON });
  const entries = Array.from({ length: 45 }, (_, day) =>
    TEAMS.map((team, index) =>
      event({
        id: `${day} ${team}`,
        sessionId: `session ${day} ${team}`,
        team,
        user: `user-${index}@example.com`,
        cost: `${12 - index}.${day}00123`,
        timeMs: NOON - day * DAY_MS - 60_000,
        amounts: { requests: 3, input_tokens: 2_000, cache_read_tokens: 900_000 },
      }),
    ),
  );
  await api.append(entries.flat());
  return api;
}

const BUDGETS = [
  { name: 'everything', scope: {}, period: 'month', amount_usd: '4000' },
  { name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '90' },
];

/** Two weeks of the demo's organization, as small as still shows everything. */
export async function startDemoApi(): Promise<TestApi> {
  const config = { budgets: BUDGETS, rate_limits: { tokens_per_minute: 400_000, requests_per_minute: 60 } };
  const api = await startApi({ config, nowMs: NOON });
  const feed = createDemoFeed({ config: configSchema.parse(config), ledger: api.ledger.writer, people: 10, fromMs: NOON - 14 * DAY_MS });
  await feed.sendUntil(NOON);
  return api;
}
