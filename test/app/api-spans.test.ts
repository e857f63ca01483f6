/** A whole collector to which clients report some requests, and the API exports its spans of them. */
import { afterEach, expect, test } from '@jest/globals';
import type { ApiRequestsAnswer } from '../../collector/query/api-requests.ts';
import { spansBody } from '../ingest/api-spans/spans.ts';
import { logs, startWithTokens, type TokenCollector } from './tokens.ts';

let running: TokenCollector | undefined;
afterEach(() => running?.stop());

const NOW = Date.now();

async function post(collector: TokenCollector, token: string, path: string, body: object): Promise<{ status: number; text: string }> {
  const answer = await fetch(`http://127.0.0.1:${collector.collector.ports.otlpHttp}/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

test('matches what the API counted with what clients reported, and books none of it', async () => {
  running = await startWithTokens({ client: {}, api: { sends: 'api_spans' }, boss: { role: 'read' } });
  const spans = spansBody(['one', 'two', 'three'].map((id) => ({ id, timeMs: NOW - 60_000 })));
  expect(await post(running, 'api', 'traces', spans)).toMatchObject({ status: 200 });
  await running.send(
    'client',
    logs({ session: 's', usd: 0.5, request: 'one', atMs: NOW }, { session: 's', usd: 0.25, request: 'unseen', atMs: NOW }),
  );
  for (const _ of [1, 2]) expect(await post(running, 'api', 'traces', spans)).toMatchObject({ status: 200 });
  const asked = async () => running?.get<ApiRequestsAnswer>('api-requests', 'boss');
  const requests = { counted: { requests: 3 }, reported: { requests: 1, cost_usd: '0.50' }, not_reported: { requests: 2 } };
  expect(await asked()).toMatchObject({
    total: requests,
    completeness: 1 / 3,
    workspaces: [{ organization: 'org_1', workspace: 'wrkspc_1', ...requests }],
  });
  expect((await asked())?.by_day.map(({ not_counted }) => not_counted.requests).reduce((sum, count) => sum + count, 0)).toBe(1);
  expect(await running.get('spend', 'boss')).toMatchObject({ total: '0.75' });

  // Whoever may send telemetry says nothing about what the API counted, and the export's token books nothing.
  expect(await post(running, 'client', 'traces', spansBody([{ id: 'made up', timeMs: NOW }]))).toMatchObject({ status: 200 });
  const refused = await post(running, 'api', 'logs', logs({ session: 's', usd: 9 }));
  expect(refused).toMatchObject({ status: 200, text: expect.stringContaining('sends spans of the API alone') });
  expect(await asked()).toMatchObject({ total: requests });
  expect(await running.get('spend', 'boss')).toMatchObject({ total: '0.75' });
});
