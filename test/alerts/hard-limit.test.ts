/** What an alert of a hard limit says of work in its scope. */
import { expect, test } from '@jest/globals';
import { alertsOf } from '../../collector/alerts/alert.ts';
import { messageOf } from '../../collector/alerts/message.ts';
import type { BudgetStatus } from '../../collector/budgets/status.ts';
import { ofRollingDays, ofTeam } from '../guard/statuses.ts';
import { NOON } from '../support/entries.ts';
import { LINKS } from './examples.ts';

function limitIn(status: BudgetStatus): string | undefined {
  const nothing = { sessions: [], anomalies: [], shares: [], rates: [], rateLimited: 0 };
  const stopped = alertsOf({ budgets: [status], ...nothing }).find(({ subject }) => subject.kind === 'stopped');
  const message = stopped && messageOf(stopped, { nowMs: NOON, timeZone: 'UTC', asOfMs: NOON, links: LINKS });
  return message?.facts.find(({ label }) => label === 'Hard limit')?.value;
}

test('it is refused until the budget is raised, or its period ends, or its days fall out', () => {
  const refused = 'Where the guard runs, work in this scope is refused until the budget is raised or';
  expect(limitIn(ofTeam('1001'))).toBe(`${refused} the period ends.`);
  expect(limitIn(ofRollingDays('1500'))).toBe(`${refused} older days fall out of the last 30 days.`);
});

test('nothing is refused where the scope is none of sessions', () => {
  const where = [{ dimension: 'model', values: ['claude-opus-5-5'] }] as const;
  expect(limitIn({ ...ofTeam('1001'), scope: 'model=claude-opus-5-5', where })).toBe(
    'No work is refused: the guard goes by organization, team, user, workspace, repository and job, and not by model.',
  );
});
