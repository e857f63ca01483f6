import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SESSION_REQUESTS, type SessionRequestsAnswer } from '../../collector/query/session-requests.ts';
import { event, metric, NOON } from '../support/entries.ts';
import { openQuestioned, type Questioned } from './put-question.ts';

const MINUTE = 60_000;

describe('the requests of a session', () => {
  let asked: Questioned;
  const ask = (words = '', session = 's'): Promise<SessionRequestsAnswer> => asked.put(SESSION_REQUESTS, words, { path: { session } });
  const tokens = (read: number, written: number) => ({ requests: 1, cache_read_tokens: read, cache_creation_tokens: written, input_tokens: 3 });

  beforeEach(async () => {
    asked = await openQuestioned(NOON + 60 * MINUTE);
    await asked.append(
      event({ id: '2', sessionId: 's', cost: '0.2', timeMs: NOON + 7 * MINUTE, amounts: tokens(1000, 50) }),
      event({ id: '1', sessionId: 's', cost: '0.1', timeMs: NOON, amounts: tokens(0, 1000) }),
      event({ id: 'prompt', sessionId: 's', cost: '0', timeMs: NOON - 1, amounts: { prompts: 1 } }),
      event({ id: 'failed', sessionId: 's', cost: '0', timeMs: NOON + 8 * MINUTE, amounts: { errors: 1 }, dimensions: { status: '529' } }),
      event({ id: 'compact', sessionId: 's', cost: '0', timeMs: NOON + 9 * MINUTE, amounts: { compactions: 1 } }),
      metric({ id: 'all', sessionId: 's', cost: '0.7', timeMs: NOON + 10 * MINUTE, startMs: NOON - MINUTE }),
      event({ id: 'bob', sessionId: 'of bob', user: 'bob', team: 'search' }),
    );
  });
  afterEach(() => asked.close());

  test('come in time order with the size of their prompt, and add up to what the session cost', async () => {
    const { requests, ...rest } = await ask();
    expect(requests.map((row) => [row.kind, row.context_tokens, row.cost_usd, row.pause_seconds])).toEqual([
      ['request', 1003, '0.10', null],
      ['request', 1053, '0.20', 420],
      ['error', 0, '0.00', null],
      ['compaction', 0, '0.00', null],
      ['beyond_events', 0, '0.40', null],
    ]);
    expect(rest).toMatchObject({ session_id: 's', full_id: 's~', cost_usd: '0.70', total: 5, next: null, is_complete: true });
  });

  test('are covered where the plan of the user includes them', async () => {
    await asked.append(event({ id: 'plan', sessionId: 'on a seat', amounts: tokens(0, 10), dimensions: { plan: 'team', seat: 'premium' } }));
    expect((await ask('', 'on a seat')).requests[0]?.coverage).toBe('covered');
    expect((await ask()).requests[0]?.coverage).toBe('metered');
  });

  test('say why they are not at list price, with the particulars that the price book has today', async () => {
    const advised = { model: 'claude-sonnet-5-5', timeMs: NOON, amounts: { requests: 1, input_tokens: 1_000, output_tokens: 500 } };
    const dimensions = { client_version: '2.1.332', query_source_detail: 'sdk' };
    await asked.append(
      event({ id: '1', sessionId: 'priced', ...advised, cost: '0.007', dimensions: { ...dimensions, price_basis: 'list' } }),
      event({ id: '2', sessionId: 'priced', ...advised, cost: '0.0077', dimensions: { ...dimensions, price_basis: 'surcharge' } }),
      event({ id: '3', sessionId: 'priced', ...advised, cost: '0.0077', dimensions: { ...dimensions, price_basis: 'unexplained' } }),
      event({ id: '4', sessionId: 'priced', ...advised, cost: '0.007', dimensions }),
    );
    const notes = new Map((await ask('', 'priced')).requests.map(({ price_basis, price_note }) => [price_basis, price_note]));
    expect(Object.fromEntries(notes)).toEqual({
      list: null,
      none: null,
      surcharge: expect.stringMatching(/^The reported cost has a surcharge .*: 10 %, as for US-only inference\.$/),
      unexplained: 'The reported cost agrees with no known price.',
    });
  });

  test('are read on from where an answer ends', async () => {
    const first = await ask('limit=2');
    expect([first.requests.length, first.next, first.total]).toEqual([2, 2, 5]);
    const { requests, next } = await ask(`limit=9&after=${first.next}`);
    expect([requests.map(({ kind }) => kind), next]).toEqual([['error', 'compaction', 'beyond_events'], null]);
  });

  test('are of nobody outside of the scope', async () => {
    const scope = [{ dimension: 'team', values: ['platform'] }] as const;
    await expect(asked.put(SESSION_REQUESTS, '', { path: { session: 'of bob' }, scope })).rejects.toMatchObject({ code: 'not_found' });
    expect((await asked.put(SESSION_REQUESTS, '', { path: { session: 's' }, scope })).total).toBe(5);
  });

  test('are found by the first eight characters of the id, where one session alone begins so', async () => {
    await asked.append(event({ id: 'a', sessionId: '6fd5a1f0-8a7c' }), event({ id: 'b', sessionId: '6fd5a1f0-9b8d' }));
    expect((await ask('', '6fd5a1f0-8')).session_id).toBe('6fd5a1f0-8a7c');
    await expect(ask('', '6fd5a1f0')).rejects.toMatchObject({ code: 'invalid', hint: expect.stringContaining('6fd5a1f0-8a7c, 6fd5a1f0-9b8d') });
  });

  test('of no session, and after no number, are refused with the remedy', async () => {
    await expect(ask('', 'nobody')).rejects.toMatchObject({ code: 'not_found', hint: expect.stringContaining('/api/v1/sessions') });
    await expect(ask('after=x')).rejects.toMatchObject({ code: 'invalid', hint: 'Give `next` of the answer before.' });
  });
});
