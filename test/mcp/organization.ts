/** A ledger of a few teams over weeks, for calls of every tool. */
import type { Entry } from '../../collector/ledger/entry.ts';
import { event, NOON } from '../support/entries.ts';
import { Random } from '../support/random.ts';

const HOUR_MS = 3_600_000;
const USERS = [
  { user: 'alice@example.com', team: 'platform' },
  { user: 'bob@example.com', team: 'platform' },
  { user: 'carol@example.com', team: 'search' },
  { user: 'dan@example.com', team: '' },
] as const;
const MODELS = ['claude-opus-5-5', 'claude-haiku-5-5', 'claude-fable-5'];

export const CONFIG = {
  timezone: 'Europe/Berlin',
  budgets: [
    { name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '500.00' },
    { name: 'of-search', scope: { team: 'search' }, period: 'month', amount_usd: '300.00' },
  ],
};

/** Nobody shares a session: s0, s4, … are Alice's. */
export function organization(): Entry[] {
  const random = new Random(20261129);
  return Array.from({ length: 400 }, (_, index) => {
    const session = random.below(40);
    const owner = USERS[session % USERS.length];
    return event({
      ...{ id: `${index}`, cost: `${random.below(5)}.${String(random.below(1e9)).padStart(12, '0')}`, ...owner },
      ...{ model: random.pick(MODELS), sessionId: `s${session}`, timeMs: NOON - random.below(50 * 24) * HOUR_MS },
    });
  });
}
