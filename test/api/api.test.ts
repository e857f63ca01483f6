import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MEASURE_NAMES } from '../../collector/catalog/measures.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { event, metric, NOON } from '../support/entries.ts';
import { type Problem, startApi, type TestApi } from './support.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startApi({ nowMs: NOON + 60_000 });
  const amounts = { requests: 1, input_tokens: 100, output_tokens: 20, cache_read_tokens: 3000, cache_creation_tokens: 400, api_duration_ms: 1500 };
  await api.append([
    event({ id: '1', cost: '0.005343', amounts, dimensions: { client_version: '2.1.329', terminal: 'vscode', repository: 'acme/api' } }),
    event({ id: '2', cost: '0.25', model: 'claude-haiku-5-5', timeMs: NOON + 30_000, amounts: { requests: 1, output_tokens: 5 } }),
    metric({ id: '3', cost: '0.006', amounts: { output_tokens: 20 } }),
    metric({ id: '4', cost: '0', amounts: { lines_added: 12, lines_removed: 3, commits: 1, active_user_ms: 4000 }, dimensions: {} }),
  ]);
});
afterAll(() => api.stop());

/** fetch sets Host itself, so this asks with node:http. */
function statusWithHost(url: string, host: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const asked = request(`${url}/api/v1/status`, { headers: { host } }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  asked.on('error', reject).end();
  return promise;
}

describe('a session', () => {
  test('should have both accounts of its cost, the booked one, and their difference', async () => {
    const { status, body } = await api.get('/api/v1/sessions/session-1');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      session_id: 'session-1',
      cost_usd: '0.255343',
      cost_usd_events: '0.255343',
      cost_usd_metrics: '0.006',
      cost_usd_difference: '0.249343',
      tokens: { input: 100, output: 25, cache_read: 3000, cache_creation: 400, total: 3525 },
      api_duration_ms: 1500,
      wall_duration_ms: 30_000,
      active_time_ms: { user: 4000, cli: 0 },
      lines_added: 12,
      lines_removed: 3,
      commits: 1,
      pull_requests: 0,
      requests: 2,
      errors: 0,
      user: 'alice@example.com',
      team: 'platform',
      workspace: 'unallocated',
      first_seen: '2026-11-20T12:00:00.000Z',
      last_seen: '2026-11-20T12:00:30.000Z',
    });
    expect(body.by_model).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ model: 'claude-haiku-5-5', cost_usd: '0.25', requests: 1 }),
        expect.objectContaining({ model: 'claude-opus-5-5', cost_usd: '0.005343', cost_usd_events: '0.005343' }),
      ]),
    );
  });

  test('that is unknown should be a 404 that says what to do', async () => {
    const { status, body } = await api.get<Problem>('/api/v1/sessions/nobody%2Fknows');
    expect(status).toBe(404);
    expect(body.error).toMatchObject({ code: 'not_found', message: 'No session nobody/knows is in the ledger.' });
    expect(body.error.hint).toContain('ledgerline doctor');
  });

  test('should be in the list, with its cost', async () => {
    const { body } = await api.get<{ sessions: object[] }>('/api/v1/sessions?limit=1');
    expect(body.sessions).toMatchObject([{ session_id: 'session-1', cost_usd: '0.255343' }]);
    expect((await api.get('/api/v1/sessions?limit=0')).status).toBe(400);
    expect((await api.get<{ sessions: object[] }>('/api/v1/sessions?period=yesterday')).body.sessions).toEqual([]);
  });
});

describe('the API', () => {
  test('should list every measure in its catalogue', async () => {
    const { body } = await api.get<{ measures: { name: string }[] }>('/api/v1/catalogue');
    expect(body.measures.map((measure) => measure.name)).toEqual(MEASURE_NAMES);
  });

  test('should tell its state, its senders and what to mend', async () => {
    const { body } = await api.get<{ entries: number; senders: object[]; findings: { code: string }[] }>('/api/v1/status');
    expect(body.entries).toBe(4);
    expect(body.senders).toMatchObject([{ user: 'alice@example.com', sessions: 1 }]);
    expect(body.findings.map((finding) => finding.code)).toContain('healthy');
  });

  test('should be alive, and ready with the age of its data', async () => {
    expect((await api.get('/healthz')).body).toEqual({ status: 'ok' });
    const { status, body } = await api.get('/readyz');
    expect({ status, body }).toMatchObject({ status: 200, body: { status: 'ready', detail: expect.any(String), as_of: expect.any(String) } });
    expect(body.age_seconds).toEqual(expect.any(Number));
  });

  test('should not be ready while the ledger is not', async () => {
    const blocked = await startApi({ readiness: () => ({ ready: false, detail: 'The disk is full.' }) });
    try {
      const { status, body } = await blocked.get('/readyz');
      expect({ status, body }).toMatchObject({ status: 503, body: { status: 'not ready', detail: 'The disk is full.', as_of: null } });
      expect((await blocked.get('/healthz')).status).toBe(200);
    } finally {
      await blocked.stop();
    }
  });

  test.each(['/nothing', '/api/v1', '/api/v2/spend', '/assets/../package.json', '/assets/collector/config.ts', '/.git/config'])(
    'should have nothing at %s',
    async (path) => {
      expect(await api.get<Problem>(path)).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    },
  );

  test('should answer a broken path with 400, never 500', async () => {
    expect((await api.get<Problem>('/api/v1/sessions/%E0%A4%A')).status).toBe(400);
  });

  test('should refuse to be written to', async () => {
    const response = await fetch(`${api.url}/api/v1/spend`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
    await response.arrayBuffer();
  });

  test('should forbid everything foreign and inline to the page', async () => {
    const { headers } = await api.get('/');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
  });

  test('should answer only to names of this machine while bound to it', async () => {
    expect(await statusWithHost(api.url, 'evil.example')).toBe(403);
    expect(await statusWithHost(api.url, 'localhost.evil.example:8484')).toBe(403);
    expect(await statusWithHost(api.url, 'localhost:8484')).toBe(200);
    expect(await statusWithHost(api.url, '[::1]:8484')).toBe(200);
  });

  test('should keep the text of a foreign failure to its log', async () => {
    const reports: unknown[] = [];
    const broken = await startApi({
      readiness: () => {
        throw new Error('secret detail');
      },
      log: (_code, _message, { error } = {}) => reports.push((error as Error).cause), // problem.ts hands in a LedgerlineError
    });
    try {
      const { status, text } = await broken.get('/readyz');
      expect(status).toBe(500);
      expect(text).not.toContain('secret');
      expect(reports).toEqual([expect.objectContaining({ message: 'secret detail' })]);
    } finally {
      await broken.stop();
    }
  });
});

describe('with tokens', () => {
  const sha256 = 'f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7'; // of "hunter2"
  let guarded: TestApi;

  beforeAll(async () => {
    guarded = await startApi({ authenticate: createAuthenticator([{ name: 'reader', sha256, role: 'read' }]) });
  });
  afterAll(() => guarded.stop());

  test('the API should ask for one and take the right one', async () => {
    const refused = await guarded.get<Problem>('/api/v1/spend');
    expect(refused).toMatchObject({ status: 401, body: { error: { code: 'unauthenticated' } } });
    expect(refused.headers.get('www-authenticate')).toContain('Bearer');
    expect((await guarded.get('/api/v1/spend', { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await guarded.get('/api/v1/spend', { authorization: 'Bearer hunter2' })).status).toBe(200);
  });

  test('the page and the probes should stay open: they hold no figures', async () => {
    expect((await guarded.get('/')).status).toBe(200);
    expect((await guarded.get('/healthz')).status).toBe(200);
  });

  test('a foreign host name should do no harm, since a token protects', async () => {
    expect(await statusWithHost(guarded.url, 'ledger.example.com')).toBe(401);
  });
});
