/** GET /api/v1/export: a file, whole or cut off, of what the report says. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Log } from '../../collector/catalog/log-codes.ts';
import { LedgerlineError } from '../../collector/core/error.ts';
import type { PriceBook } from '../../collector/pricing/price-book.ts';
import { contextOver, exported, readCsv } from '../exports/reading.ts';
import { event } from '../support/entries.ts';
import { type Problem, startApi, type TestApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ nowMs: Date.parse('2026-11-21T00:00:00Z') });
  await api.append([event({ id: '1', cost: '0.000000000001' }), event({ id: '2', cost: '123456.789012345678', user: 'bob@example.com' })]);
});
afterAll(() => api.stop());

describe('GET /api/v1/export', () => {
  test('sends a file with its name and its age', async () => {
    const { status, headers, text } = await api.get('/api/v1/export?by=user&measures=cost,requests&period=yesterday');
    expect({ status, type: headers.get('content-type'), name: headers.get('content-disposition') }).toEqual({
      ...{ status: 200, type: 'text/csv; charset=utf-8' },
      name: 'attachment; filename=ledgerline-usage.csv',
    });
    expect(headers.get('x-ledgerline-as-of')).toBe('2026-11-21T00:00:00.000Z');
    expect(readCsv(text)).toEqual([
      { start: '2026-11-20T00:00:00.000Z', user: 'alice@example.com', cost_usd: '0.000000000001', requests: '1' },
      { start: '2026-11-20T00:00:00.000Z', user: 'bob@example.com', cost_usd: '123456.789012345678', requests: '1' },
    ]);
  });

  test('sends Parquet byte by byte', async () => {
    const response = await fetch(`${api.url}/api/v1/export?format=parquet`);
    const { bytes } = await exported('format=parquet', contextOver(api.ledger.reader));
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  test('says the version of FOCUS in the name', async () => {
    const { headers } = await api.get('/api/v1/export?format=focus&focus=1.2');
    expect(headers.get('content-disposition')).toBe('attachment; filename=ledgerline-focus-1.2.csv');
  });

  test('hints at the value that was meant', async () => {
    const { headers } = await api.get('/api/v1/export?where=user:alise@example.com');
    expect(JSON.parse(decodeURIComponent(headers.get('x-ledgerline-hints') ?? ''))).toEqual([
      'No record has the user "alise@example.com"; did you mean "alice@example.com"?',
    ]);
  });

  test('answers HEAD without reading the file, more often than there are snapshots', async () => {
    for (let count = 0; count < 5; count++) {
      const response = await fetch(`${api.url}/api/v1/export`, { method: 'HEAD' });
      expect([response.status, await response.text()]).toEqual([200, '']);
    }
  });

  test('says what a format cannot hold, instead of an answer that breaks off', async () => {
    const huge = await startApi({ nowMs: Date.parse('2026-11-21T00:00:00Z') });
    try {
      await huge.append(['1', '2'].map((id) => event({ id, cost: '1', amounts: { requests: 1, input_tokens: 9e18 } })));
      const { text } = await huge.get('/api/v1/export?measures=input_tokens&by=team');
      expect(text.split('\r\n')[1]).toBe('2026-11-20T00:00:00.000Z,platform,18000000000000000000');
      const refused = await huge.get<Problem>('/api/v1/export?format=parquet&measures=input_tokens&by=team');
      expect([refused.status, refused.body.error.message, refused.body.error.hint]).toEqual([
        ...[400, "input_tokens is 18000000000000000000, which Parquet's INT64 cannot hold.", 'Export it as csv or jsonl.'],
      ]);
    } finally {
      await huge.stop();
    }
  });

  test('that cannot be read to its end is cut off, and the log says why', async () => {
    const lines: string[] = [];
    const log: Log = (code, message, { fields } = {}) => void lines.push(`${code} ${fields?.path}: ${message}`);
    const prices: PriceBook = {
      ...api.options.prices,
      unitPrices: () => {
        throw new LedgerlineError('unavailable', 'The prices are gone.');
      },
    };
    const failing = await startApi({ nowMs: Date.parse('2026-11-21T00:00:00Z'), log, prices });
    try {
      await failing.append([event({ id: '1', cost: '1' })]);
      const outcome = await failing.get('/api/v1/export?format=focus').then(
        ({ status }) => status,
        () => 'cut off',
      );
      expect(outcome).not.toBe(200);
      expect(lines).toEqual(['request_failed /api/v1/export: The prices are gone.']);
    } finally {
      await failing.stop();
    }
  });

  test.each([
    ['format=xlsx', 'format=xlsx'],
    ['format=focus&grain=hour', 'grain=hour does not apply to format=focus'],
    ['format=csv&focus=1.4', 'focus=1.4 does not apply to format=csv'],
    ['format=ccusage&by=team', 'by=team does not apply to format=ccusage'],
    ['measures=cost_per_session', 'measures=cost_per_session'],
    ['rows=1', 'rows=1'],
  ])('refuses %s', async (query, problem) => {
    const { status, text } = await api.get<Problem>(`/api/v1/export?${query}`);
    expect([status, text.includes(problem)]).toEqual([400, true]);
  });
});
