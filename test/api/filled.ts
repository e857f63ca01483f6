/** An API over a ledger in which there is something of everything that answers show. */
import { event, metric, NOON } from '../support/entries.ts';
import { Random } from '../support/random.ts';
import { startApi, type TestApi, type TestApiOptions } from './support.ts';

const DAY_MS = 86_400_000;
const TEAMS = ['platform', 'search', 'data', ''];
const USERS = ['ada@example.com', 'ben@example.com', 'cleo@example.com', ''];
const MODELS = ['claude-opus-5-5', 'claude-haiku-5-5', 'claude-of-the-future'];
const ENTRIES = 600;

export const FILLED_CONFIG = {
  timezone: 'Europe/Berlin',
  budgets: [
    { name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '100.00' },
    { name: 'everyone', per: 'user', period: 'week', amount_usd: '5.00', hard_limit: true },
    { name: 'tokens', period: 'day', tokens: { amount: 1_000_000, classes: ['input', 'output'] } },
    { name: 'shared', scope: { team: 'search' }, period: 'month', amount_usd: '40.00', members: [{ user: 'ben@example.com', amount_usd: '10.00' }] },
  ],
};

export async function fillApi({ seed = 11, ...options }: TestApiOptions & { readonly seed?: number } = {}): Promise<TestApi> {
  const random = new Random(seed);
  const api = await startApi({ nowMs: NOON, config: FILLED_CONFIG, ...options });
  const entries = Array.from({ length: ENTRIES }, (_, index) => {
    const make = random.chance(0.1) ? metric : event;
    return make({
      ...{ id: `${index}`, sessionId: `session-${random.below(60)}`, timeMs: NOON - random.below(70 * DAY_MS), team: random.pick(TEAMS) },
      ...{ user: random.pick(USERS), model: random.pick(MODELS), cost: `${random.below(3)}.${String(random.below(1e12)).padStart(12, '0')}` },
      dimensions: { workspace: random.pick(['api', 'web', '']), repository: random.pick(['example/api', '']), client_version: '2.3.1' },
    });
  });
  await api.append(entries);
  await api.append([event({ id: 'last', sessionId: 'session-1', timeMs: NOON - 60_000 })]);
  return api;
}
