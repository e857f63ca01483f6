/**
 * Every route for every kind of scope. What a restricted reader is answered must be what a reader of everything is answered by a ledger that
 * holds nothing but the entries of the scope: the same figures to the last digit, and no word of anybody else.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ALL_QUESTIONS } from '../../collector/api/api.ts';
import { routeOf } from '../../collector/api/questions.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import type { StatusAnswer } from '../../collector/query/budget-answers.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { call, closeClients, overHttp } from '../mcp/clients.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { NOON } from '../support/entries.ts';
import { seededRandom } from '../support/random.ts';
import { BUDGETS, bearer, namesIn, ownerOf, randomSessions, SCOPES, type ScopeCase, tokensOf } from './scope-cases.ts';
import { routesOf, startApi, type TestApi } from './support.ts';

const random = seededRandom('scopes of readers');
const entries = randomSessions(random);
const SESSIONS = [...new Set(entries.map(({ sessionId }) => sessionId))];
const PANELS = BOARDS.flatMap(({ id, rows }) => rows.flatMap(({ panels }) => panels.map((panel) => `/boards/${id}/panels/${panel.id}`)));

const some = <Item>(items: readonly Item[], count: number): readonly Item[] => random.shuffle(items).slice(0, count);

const OF_WHOLE: readonly string[] = [
  ...['records', 'anomaly', 'anomaly_figure', 'rate_limit_used', 'rate_limited_requests'],
  ...['budget_contributor', 'budget_contributor_tokens', 'budget_contributor_change', 'budget_alert_time'],
];

/** What to ask of questions that need more than their path; the others are asked as they are. */
const PATHS: Readonly<Record<string, (sample: Entry) => readonly string[]>> = {
  spend: ({ dimensions: { team = 'unallocated', user = 'unallocated' } }) => [
    '/spend',
    '/spend?by=organization,team,user&measures=cost,requests,input_tokens,cache_hit_ratio&grain=month',
    '/spend?by=user,workspace,repository,model,skill,cost_center&grain=week&tz=America/New_York',
    `/spend?by=model&where=team:${team}&where=user:${encodeURIComponent(user)}`,
    `/spend?by=team&where=user:${encodeURIComponent(user.toUpperCase())}&format=csv`,
    '/spend?where=team:kestrel&where=user:emil@meridian.exampl',
  ],
  forecast_rollout: ({ dimensions: { team = 'unallocated' } }) => [
    `/forecast/rollout?pilot=team:${team}&users=400`,
    '/forecast/rollout?pilot=organization:borealis&users=90&ramp=4&pilot_users=30&tz=America/New_York&format=csv',
    '/forecast/rollout?pilot=team:ospreys&users=9&mix=opus=20,haiku=80',
  ],
  api_requests: () => ['/api-requests', '/api-requests?from=2026-11-01&to=2026-11-20&format=csv'],
  budgets: () => [],
  budget: () => [],
  budget_audit: () => [],
  budget_requests: () => [],
  me: () => [],
  my_budget: () => [],
  statusline: () => [],
  guard: () => [],
  job_cost: () => ['/jobs/acme%2Fapi/branch/main', '/jobs/acme%2Fapi/run/1?base=main'],
  status: () => [],
  chargeback: () => [],
  directory_users: () => [],
  directory_user: () => [],
  alerts: () => [],
  boards: () => ['/boards'],
  board: () => [...BOARDS.map(({ id }) => `/boards/${id}`), '/boards/overview?period=this_week&where=team:ospreys'],
  panel: () => some(PANELS, 12).flatMap((path) => [path, `${path}.csv?from=2026-10-01&to=2026-11-01`, `${path}?rows=all&search=e`]),
  sessions: ({ dimensions: { team = 'unallocated' } }) => ['/sessions?limit=500', '/sessions?order=cost', `/sessions?where=team:${team}`],
  advice: ({ dimensions: { team = 'unallocated', user = 'unallocated' } }) => [
    '/advice?from=2026-01-01',
    `/advice?from=2026-01-01&where=team:${team}&where=user:${encodeURIComponent(user)}`,
    '/advice?from=2026-01-01&format=csv',
  ],
  session_requests: () => some(SESSIONS, 10).map((id) => `/sessions/${id}/requests`),
  session: () => some(SESSIONS, 10).map((id) => `/sessions/${id}`),
  'GET /api/v1/sessions': (sample) => PATHS.sessions?.(sample) ?? [],
  'GET /api/v1/sessions/:id': (sample) => PATHS.session?.(sample) ?? [],
  'GET /api/v1/export': () => [
    ...['csv', 'jsonl', 'focus', 'aws-billing', 'ccusage'].map((format) => `/export?format=${format}`),
    '/export?by=user,workspace,skill&grain=month&where=organization:borealis',
  ],
};

/** Routes that are no questions, and show what questions of PATHS do. */
const READING = Object.keys(PATHS).filter((id) => id.includes(' '));
/** Those that show nothing of the ledger, or are tested below. */
const OTHERS = [
  ...[
    'PUT /api/v1/budgets/:name',
    'POST /api/v1/budgets/:key/raises',
    'DELETE /api/v1/budgets/:name',
    'POST /api/v1/privacy/erasures',
    'POST /api/v1/adjustments',
    'POST /api/v1/closed-months',
    'POST /api/v1/directory/merges',
    ...['GET /api/v1/repricings', 'POST /api/v1/repricings', 'DELETE /api/v1/repricings'],
  ],
  ...['POST /api/v1/me/budget/requests', 'DELETE /api/v1/me/budget/requests/:id'],
  ...['POST /api/v1/budget-requests/:id/approve', 'POST /api/v1/budget-requests/:id/deny'],
  ...['POST /mcp', 'GET /api/v1/openapi.json', 'GET /docs/api'],
];
const PAGE = /^GET \/(?:$|assets\/|boards\/:id$|sessions(?:\/:id)?$|runbooks(?:\/Ledgerline\w+)?$)/;

let whole: TestApi;
const parts = new Map<string, TestApi>();
const config = { budgets: BUDGETS, auth: { tokens: tokensOf(SCOPES) } };
const authenticate = createAuthenticator(tokensOf(SCOPES));
const selfText = async () => '# kestrels lynxes ospreys\nledgerline_received_requests_total{signal="logs"} 7\n';
const options = { authenticate, selfText, nowMs: NOON };

beforeAll(async () => {
  whole = await startApi({ ...options, config });
  await whole.append(entries);
  for (const { name, sees, budgets } of SCOPES) {
    const shown = new Set(budgets.map((key) => key.split('/')[0]));
    const part = await startApi({ ...options, config: { ...config, budgets: BUDGETS.filter((budget) => shown.has(budget.name)) } });
    parts.set(name, part);
    const own = entries.filter((entry) => sees(ownerOf(entry)));
    if (own.length > 0) await part.append(own);
  }
});

afterEach(closeClients);
afterAll(async () => {
  for (const api of [whole, ...parts.values()]) await api.stop();
});

async function answerOf({ url }: TestApi, path: string, token: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${url}/api/v1${path}`, { headers: bearer(token) });
  return { status: response.status, text: await response.text() };
}

const partOf = ({ name }: ScopeCase): TestApi => {
  const part = parts.get(name);
  if (part === undefined) throw new Error(name);
  return part;
};

/** Names of others, as they may stand in an answer. */
const outsideOf = ({ sees }: ScopeCase): readonly string[] => {
  const inside = namesIn(entries.filter((entry) => sees(ownerOf(entry))));
  return [...namesIn(entries)].filter((name) => !inside.has(name));
};

/** Whoever asks may say a name; the answer may repeat it, and nothing else. */
function leaks(text: string, path: string, scope: ScopeCase): readonly string[] {
  const asked = decodeURIComponent(path).toLowerCase();
  return outsideOf(scope).filter((name) => text.includes(name) && !asked.includes(name.toLowerCase()));
}

/** Panels about the whole ledger or the collector itself, by their path. */
const HIDDEN: ReadonlySet<string> = new Set(
  BOARDS.flatMap(({ id, rows }) =>
    rows.flatMap(({ panels }) =>
      panels
        .filter(({ query }) => query.source === 'self' || (query.source === 'gauge' && query.gauges.every((name) => OF_WHOLE.includes(name))))
        .map((panel) => `/boards/${id}/panels/${panel.id}`),
    ),
  ),
);

/** Of what the ledger does not know by workspace, or by user, nothing is shown to whom a workspace or a user is shown. */
const PEOPLE = /users|stickiness|user_|sequence|recommended/;
const RATES = /per_minute/;
const NOT_COMPARED: Readonly<Record<string, readonly RegExp[]>> = {
  // A part of a budget that is another's has no ledger of its own.
  user: [/^budget/, RATES],
  workspace: [PEOPLE, RATES],
  'users-in-workspace': [PEOPLE, RATES],
};

const panelsShowing = (pattern: RegExp): readonly string[] =>
  BOARDS.flatMap(({ id, rows }) =>
    rows.flatMap(({ panels }) =>
      panels
        .filter(({ query }) => query.source === 'gauge' && query.gauges.some((name) => pattern.test(name)))
        .map((panel) => `/boards/${id}/panels/${panel.id}`),
    ),
  );

/** Whoever sees one team has its budget beside the spend, as everybody has who chose the team; of a ledger of nothing else it is no budget of everything. */
const BESIDE_BUDGETS: ReadonlySet<string> = new Set(
  BOARDS.flatMap(({ id, rows }) =>
    rows.flatMap(({ panels }) =>
      panels.filter(({ visualization }) => visualization === 'cumulative').map((panel) => `/boards/${id}/panels/${panel.id}`),
    ),
  ),
);

interface AnyPanel {
  readonly hidden?: true;
  readonly cumulative?: { readonly budgets: unknown };
}

const withoutBudgets = (panel: AnyPanel): AnyPanel =>
  panel.cumulative === undefined ? panel : { ...panel, cumulative: { ...panel.cumulative, budgets: null } };

interface AnyBoard {
  readonly board: { readonly id: string };
  readonly panels: Readonly<Record<string, AnyPanel>>;
  readonly findings: unknown;
}

/** What can be compared with the answer of another ledger: not what is about a whole one. */
function comparable(path: string, text: string, { name }: ScopeCase): unknown {
  const without = new Set([...HIDDEN, ...BESIDE_BUDGETS, ...(NOT_COMPARED[name] ?? []).flatMap(panelsShowing)]);
  if (without.has(path.replace(/\.csv|\?.*$/g, ''))) return 'not compared';
  if (!text.startsWith('{') || path.includes('format=jsonl')) return text;
  const answer: object = JSON.parse(text);
  if (path === '/top' && name === 'user') return { ...answer, budgets: null };
  if (!isBoard(answer)) return answer;
  const { board, panels } = answer;
  const isShown = (path: string): boolean => BESIDE_BUDGETS.has(path) || !without.has(path);
  const shown = Object.entries(panels)
    .filter(([id]) => isShown(`/boards/${board.id}/panels/${id}`))
    .map(([id, panel]) => [id, withoutBudgets(panel)] as const);
  return { ...answer, findings: null, panels: Object.fromEntries(shown) };
}

const isBoard = (answer: object): answer is AnyBoard => 'board' in answer && 'panels' in answer;

const pathsOf = (id: string, path: string): readonly string[] => {
  const own = PATHS[id];
  if (own !== undefined) return own(random.pick(entries));
  if (path.includes('{')) throw new Error(`Say in PATHS what to ask of the question ${id}, and below what its answer shows under a scope.`);
  return [path];
};

test('no route of the API is without an expectation here', () => {
  const ours = new Set([...ALL_QUESTIONS.map((question) => `GET ${routeOf(question)}`), ...READING, ...OTHERS]);
  expect(routesOf(whole.app).filter((route) => !ours.has(route) && !PAGE.test(route))).toEqual([]);
});

describe.each(SCOPES)('a reader with the scope $name', (scope) => {
  const get = (path: string) => whole.get(`/api/v1${path}`, bearer(scope.name));
  const sees = entries.some((entry) => scope.sees(ownerOf(entry)));

  test.each([...ALL_QUESTIONS.map(({ id, path }) => [id, path] as const), ...READING.map((route) => [route, route] as const)])(
    'is answered %s as by a ledger of nothing else',
    async (id, path) => {
      for (const asked of pathsOf(id, path)) {
        const seen = await answerOf(whole, asked, scope.name);
        expect({ asked, leaks: leaks(seen.text, asked, scope) }).toEqual({ asked, leaks: [] });
        const wanted = await answerOf(partOf(scope), asked, 'everything');
        // A ledger of nothing is not one in which nothing is seen.
        if (!sees) expect({ asked, status: seen.status < 500 }).toEqual({ asked, status: true });
        else
          expect({ asked, status: seen.status, answer: comparable(asked, seen.text, scope) }).toEqual({
            asked,
            status: wanted.status,
            answer: comparable(asked, wanted.text, scope),
          });
      }
    },
  );

  test('hears who asks, and what they see', async () => {
    const { body } = await get('/me');
    expect(body).toMatchObject({ name: scope.name, may_read: true, sees_everything: false, signed_in_until: null });
  });

  test('asks through the Model Context Protocol, and hears of nobody else', async () => {
    const client = await overHttp(whole.url, { token: scope.name });
    const { tools } = await client.listTools();
    for (const { name } of tools) {
      const { text, structured } = await call(client, name).catch((error: Error) => ({ text: error.message, structured: {} }));
      expect({ name, leaks: leaks(text + JSON.stringify(structured), '', scope) }).toEqual({ name, leaks: [] });
    }
  });

  test('changes nothing', async () => {
    const post = (path: string, method = 'POST') =>
      fetch(`${whole.url}/api/v1${path}`, { method, body: '{}', headers: { ...bearer(scope.name), 'content-type': 'application/json' } });
    for (const answer of [
      post('/budgets/kestrels', 'PUT'),
      post('/budgets/kestrels/raises'),
      post('/privacy/erasures'),
      post('/adjustments'),
      post('/closed-months'),
      post('/repricings'),
      post('/repricings', 'DELETE'),
    ])
      expect((await answer).status).toBe(403);
  });

  test('sees the budgets within it, each as everybody sees it', async () => {
    const { body, text } = await whole.get<{ budgets: StatusAnswer[] }>('/api/v1/budgets', bearer(scope.name));
    const all = await whole.get<{ budgets: StatusAnswer[] }>('/api/v1/budgets', bearer('everything'));
    expect(body.budgets.map(({ key }) => key)).toEqual(scope.budgets);
    const seen = new Set(scope.budgets);
    const wanted = all.body.budgets.filter(({ key }) => seen.has(key));
    expect(body.budgets).toEqual(wanted.map((status) => ({ ...status, parent: seen.has(status.parent ?? '') ? status.parent : null })));
    expect(leaks(text, '', scope)).toEqual([]);
    for (const { key, name } of all.body.budgets) {
      const one = await get(`/budgets/${encodeURIComponent(key)}`);
      expect({ key, status: one.status, leaks: leaks(one.text, key, scope) }).toEqual({ key, status: seen.has(key) ? 200 : 404, leaks: [] });
      const audit = await get(`/budgets/${encodeURIComponent(name)}/audit`);
      expect({ name, status: audit.status }).toEqual({ name, status: seen.has(name) ? 200 : 404 });
    }
  });

  test('hears how old the ledger is, and nothing else of its state', async () => {
    const { body } = await get('/status');
    const { as_of, age_seconds, ...rest } = body;
    expect({ as_of, age_seconds }).toEqual({ as_of: new Date(NOON).toISOString(), age_seconds: 0 });
    expect(new Set(Object.values(rest))).toEqual(new Set([null]));
  });

  test('hears of no session that is not within it, as if there were none', async () => {
    for (const sessionId of new Set(entries.map((entry) => entry.sessionId))) {
      const { status, text } = await get(`/sessions/${sessionId}`);
      const isOwn = entries.some((entry) => entry.sessionId === sessionId && scope.sees(ownerOf(entry)));
      expect({ sessionId, status }).toEqual({ sessionId, status: isOwn ? 200 : 404 });
      const none = await get('/sessions/session-of-nobody');
      if (!isOwn) expect(text.replaceAll(sessionId, 'session-of-nobody')).toBe(none.text);
    }
  });
});
