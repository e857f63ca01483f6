import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ReadScope } from '../../collector/catalog/read-scope.ts';
import { BUDGETS } from '../../collector/query/budgets.ts';
import { scopedReader } from '../../collector/query/scoped-reader.ts';
import { event, NOON } from '../support/entries.ts';
import { isInScope } from '../support/in-scope.ts';
import { read, sources } from '../support/sources.ts';
import type { TestLedger } from '../support/sqlite-ledger.ts';
import { openQuestioned, type Questioned } from './put-question.ts';

const DAY = 86_400_000;
const ADA: ReadScope = [{ dimension: 'user', values: ['ada@example.com'] }];

const EACH = { name: 'each', scope: {}, per: 'user', period: 'month', amount_usd: '50.00', rollover: true };

let questioned: Questioned;
let ledger: TestLedger;
beforeAll(async () => {
  questioned = await openQuestioned(NOON, { budgets: [EACH] });
  ({ ledger } = questioned);
  await questioned.append(
    event({ id: '1', sessionId: 'own', cost: '3', user: 'ada@example.com', team: 'search' }),
    event({ id: '2', sessionId: 'other', cost: '5', user: 'bob@example.com', team: 'search', timeMs: NOON - 40 * DAY }),
  );
});
afterAll(() => questioned.close());

describe('a ledger that shows a scope', () => {
  test('is one for each scope, so that what is remembered of it is', () => {
    expect(scopedReader(ledger.reader, ADA)).toBe(scopedReader(ledger.reader, structuredClone(ADA)));
    expect(scopedReader(ledger.reader, 'all')).toBe(ledger.reader);
  });

  test('shows it in a snapshot, too', async () => {
    const people = await scopedReader(ledger.reader, ADA).snapshot((snapshot) => snapshot.people());
    expect(people.map(({ user }) => user)).toEqual(['ada@example.com']);
  });

  test('shows nothing where the scope names nobody', async () => {
    const reader = scopedReader(ledger.reader, [{ dimension: 'user', values: [] }]);
    const query = { measures: ['cost'], by: ['user'], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 10 } as const;
    expect(await reader.query(query)).toMatchObject({ rows: [], totals: [0n] });
    expect(await reader.sessions({ limit: 10 })).toEqual([]);
    expect(isInScope([{ dimension: 'user', values: [] }], { user: '' })).toBe(false);
  });

  /** Whether anything at all was spent in a period is known of the whole ledger, and decides what rolls over. */
  test('has budgets with the amounts that everybody sees, whatever the scope lacks', async () => {
    const all = await questioned.put(BUDGETS);
    const own = await questioned.put(BUDGETS, '', { scope: ADA });
    expect(all.budgets.map(({ key, rolled_over }) => [key, rolled_over])).toEqual([['each/ada@example.com', '50.00']]);
    expect(own.budgets).toEqual(all.budgets);
  });
});

test('the whole ledger behind a scope is asked for by nothing but budgets and alerts', () => {
  const users = sources('.ts').filter((path) => path.startsWith('collector/') && read(path).includes('wholeLedger'));
  expect(users).toEqual([
    'collector/query/boards/budgets-read.ts',
    'collector/query/boards/outlook.ts',
    'collector/query/budgets.ts',
    'collector/query/gauges/budgets-past.ts',
    'collector/query/gauges/budgets.ts',
    'collector/query/guard-place.ts',
    'collector/query/guard.ts',
    'collector/query/job-cost-facts.ts',
    'collector/query/my-budget.ts',
    'collector/query/scoped-reader.ts',
    'collector/query/statusline.ts',
    'collector/query/top-budgets.ts',
    'collector/query/visible-alerts.ts',
    'collector/query/visible-budgets.ts',
  ]);
});
