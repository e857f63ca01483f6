/** Many rows are written piece by piece, and are the same answer. */
import { afterEach, expect, test } from '@jest/globals';
import { event, NOON } from '../support/entries.ts';
import { startApi, type TestApi } from './support.ts';

let api: TestApi | undefined;
afterEach(() => api?.stop());

const ROWS = 2_500;

test('thousands of rows come whole, as JSON and as CSV, without their length being known before', async () => {
  api = await startApi({ nowMs: NOON });
  await api.append(Array.from({ length: ROWS }, (_, index) => event({ id: `${index}`, user: `"user", ${index}`, cost: `${index + 1}` })));
  const { headers, body } = await api.get<{ rows: readonly { user: string; cost_usd: string }[]; total: string; hints: readonly unknown[] }>(
    '/api/v1/spend?by=user',
  );
  expect(headers.get('content-length')).toBeNull();
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(body.rows).toHaveLength(ROWS);
  expect(body.rows.at(-1)).toEqual({ user: '"user", 0', cost_usd: '1.00' });
  expect([body.total, body.hints]).toEqual([`${(ROWS * (ROWS + 1)) / 2}.00`, []]);

  const csv = await api.get('/api/v1/spend?by=user&format=csv');
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  const lines = csv.text.trimEnd().split('\r\n');
  expect([lines.length, lines[0], lines.at(-1)]).toEqual([ROWS + 1, 'user,cost_usd', '"""user"", 0",1.00']);

  const small = await api.get('/api/v1/spend?by=team');
  expect(small.headers.get('content-length')).not.toBeNull();
});

test('a board of a time that no calendar has says so', async () => {
  api = await startApi({ nowMs: NOON });
  for (const path of ['/api/v1/boards/overview', '/api/v1/spend', '/api/v1/sessions']) {
    for (const from of ['0001-01-01', '9999-12-31', '-271821-04-20']) {
      const { status, text } = await api.get(`${path}?from=${from}`);
      expect([status, text]).toEqual([400, expect.stringContaining(`from=${from} is not a time`)]);
    }
  }
});
