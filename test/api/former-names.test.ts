/** The organization by its former name, in questions and in budgets that are set. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SpendAnswer } from '../../collector/query/spend.ts';
import { event, NOON } from '../support/entries.ts';
import { startApi, type TestApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ nowMs: NOON });
  await api.append([
    event({ id: '1', cost: '1', dimensions: { organization: 'acme' } }),
    event({ id: '2', cost: '2', dimensions: { organization: 'other' } }),
  ]);
});
afterAll(() => api.stop());

const rows = async (query: string) => (await api.get<SpendAnswer>(`/api/v1/spend?${query}`)).body.rows;

describe('a dimension by its former name', () => {
  test('groups and filters; the answer has the name of today', async () => {
    expect(await rows('by=team,organisation&where=organisation:acme')).toEqual([{ team: 'platform', organization: 'acme', cost_usd: '1.00' }]);
    expect(await rows('by=organisation,organization')).toEqual(await rows('by=organization'));
  });

  test('is the scope of a budget that is set', async () => {
    const body = JSON.stringify({ scope: { organisation: 'acme' }, amount_usd: '5.00' });
    const response = await fetch(`${api.url}/api/v1/budgets/acme`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body });
    expect([response.status, await response.json()]).toMatchObject([
      200,
      { budget: { scope: { organization: 'acme' } }, status: [{ spent: '1.00' }] },
    ]);
  });

  test('filters lists of sessions', async () => {
    const found = async (where: string) => (await api.get<unknown>(`/api/v1/sessions?where=${where}`)).body;
    expect(await found('organisation:acme')).toEqual(await found('organization:acme'));
  });
});
