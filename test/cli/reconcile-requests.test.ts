/** ledgerline reconcile requests: what the API counted, as a table that says what is missing. */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiRequest } from '../../collector/ledger/api-requests.ts';
import { requestIdKey, requestKey } from '../../collector/ledger/stand-ins.ts';
import { event, NOON, usd } from '../support/entries.ts';
import { openTestLedger } from '../support/sqlite-ledger.ts';
import { outcome } from './command.ts';

let folder: string;
const ask = (...words: string[]) => outcome(['reconcile', 'requests', ...words, '--data', folder], { now: NOON });

const counted = (id: string, rest: Partial<ApiRequest> = {}): ApiRequest => ({
  request: requestIdKey(id),
  timeMs: NOON,
  organization: 'org',
  workspace: '',
  model: 'claude-opus-5-5',
  tokens: { input: 1, output: 2, cacheRead: 3, cacheCreation5m: 4, cacheCreation1h: 5 },
  listCost: usd('0.02'),
  ...rest,
});
const reported = (id: string) =>
  event({ id, cost: '0.25', request: requestKey({ id, model: 'claude-opus-5-5', input: 1, cacheRead: 3, cacheCreation: 9 }) });

beforeAll(async () => {
  const ledger = await openTestLedger();
  folder = dirname(ledger.file);
  await ledger.writer.appendApiRequests([counted('a'), counted('b'), counted('c', { workspace: 'wrkspc_1\u001b[2J' })]);
  await ledger.writer.append({ entries: [reported('a'), reported('elsewhere')], receivedMs: NOON });
  await ledger.reader.close();
  await ledger.writer.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('ledgerline reconcile requests', () => {
  test('says how complete telemetry is, where it is not, and what no span is about', async () => {
    const { text, code } = await ask('--month', '2026-11');
    expect(code).toBe(0);
    expect(text).toContain(
      'November 2026: on 1 day the API counted 3 requests, of which clients reported 33.3 %: 2 requests for $0.04 at list price were never reported.',
    );
    expect(text).toMatch(/default +claude-opus-5-5 +2 +1 +1 /);
    expect(text).not.toContain('\u001b');
    expect(text).toContain('Clients reported 1 requests for $0.25 on these days that no span is about');
  });

  test('has all of it in CSV, and says what to set up where there is nothing', async () => {
    const { text } = await ask('--from', '2026-11-20', '--to', '2026-11-21', '-o', 'csv');
    expect(text.split('\r\n')[0]).toBe(
      'organization,workspace,model,counted_requests,reported_requests,not_reported_requests,counted_cost_usd_list,not_reported_cost_usd_list,reported_cost_usd',
    );
    expect((await ask('--month', '2026-10')).text).toContain('docs/api-spans.md');
  });

  test.each([
    [['--month', '2026-13'], 'month=2026-13'],
    [['--month', '2026-10', '--from', '2026-10-01'], 'month'],
    [['--from', '2026-11-31'], 'from=2026-11-31'],
  ])('refuses %j with the words that help', async (given, words) => {
    await expect(ask(...given)).rejects.toThrow(words);
  });
});
