/** The newest sessions, and one session as the client's own /cost command tells it, with what the ledger adds. */
import { element } from './dom.ts';
import { duration, exactAmount, instant, shortAmount } from './format.ts';

export interface SessionSummary {
  readonly session_id: string;
  readonly user: string;
  readonly team: string;
  readonly workspace: string;
  readonly client_version: string;
  readonly first_seen: string;
  readonly last_seen: string;
  readonly wall_duration_ms: number;
  readonly cost_usd: string | null;
}

interface Tokens {
  readonly input: number;
  readonly output: number;
  readonly cache_read: number;
  readonly cache_creation: number;
  readonly total: number;
}

export interface SessionAnswer extends SessionSummary {
  readonly cost_usd: string;
  readonly cost_usd_events: string;
  readonly cost_usd_metrics: string;
  readonly repository: string;
  readonly organisation: string;
  readonly terminal: string;
  readonly tokens: Tokens;
  readonly by_model: readonly { readonly model: string; readonly cost_usd: string; readonly requests: number; readonly tokens: Tokens }[];
  readonly api_duration_ms: number;
  readonly active_time_ms: { readonly user: number; readonly cli: number };
  readonly lines_added: number;
  readonly lines_removed: number;
  readonly commits: number;
  readonly pull_requests: number;
  readonly requests: number;
  readonly errors: number;
  readonly as_of: string | null;
}

export interface SessionListAnswer {
  readonly sessions: readonly SessionSummary[];
  readonly as_of: string | null;
}

const table = (label: string, columns: readonly string[], rows: readonly (readonly (string | HTMLElement)[])[], kind = 'is-figures'): HTMLElement =>
  element(
    'div',
    { class: `table-scroll card ${kind}`, tabindex: 0, role: 'region', 'aria-label': label },
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...columns.map((column) => element('th', { scope: 'col' }, column)))),
      element(
        'tbody',
        {},
        ...rows.map(([head, ...cells]) => element('tr', {}, element('th', { scope: 'row' }, head), ...cells.map((cell) => element('td', {}, cell)))),
      ),
    ),
  );

const pageOf = (id: string): string => `/sessions/${encodeURIComponent(id)}`;

export function renderSessionList({ sessions }: SessionListAnswer): HTMLElement {
  const rows = sessions.map((session) => [
    element('a', { href: pageOf(session.session_id), 'data-focus': session.session_id }, instant(session.last_seen)),
    session.user,
    session.team,
    session.workspace,
    duration(session.wall_duration_ms),
    session.cost_usd === null ? '–' : shortAmount(session.cost_usd, 'usd'),
  ]);
  return element(
    'div',
    { class: 'board' },
    element(
      'div',
      { class: 'board-head' },
      element('div', {}, element('h1', {}, 'Sessions'), element('p', { class: 'board-about' }, 'The newest first, by the last thing heard of them.')),
    ),
    rows.length === 0
      ? element('p', { class: 'notice' }, 'No session has been seen yet.')
      : table('Newest sessions', ['Last seen', 'User', 'Team', 'Workspace', 'Duration', 'Cost'], rows, 'has-names'),
  );
}

export function renderSession(session: SessionAnswer): HTMLElement {
  const count = (value: number): string => exactAmount(value, 'count');
  const facts: readonly (readonly [string, string])[] = [
    ['API duration', duration(session.api_duration_ms)],
    ['Wall duration', duration(session.wall_duration_ms)],
    ['Active time', `${duration(session.active_time_ms.user)} typing, ${duration(session.active_time_ms.cli)} working`],
    ['Code changes', `${count(session.lines_added)} lines added, ${count(session.lines_removed)} removed`],
    ['Commits, pull requests', `${count(session.commits)}, ${count(session.pull_requests)}`],
    ['API requests', `${count(session.requests)} answered, ${count(session.errors)} failed`],
    ['Tokens', count(session.tokens.total)],
    ['Events say', exactAmount(session.cost_usd_events, 'usd')],
    ['Metrics say', exactAmount(session.cost_usd_metrics, 'usd')],
    ['User', session.user],
    ['Team', session.team],
    ['Workspace', session.workspace],
    ['Repository', session.repository],
    ['Client', `${session.client_version}, ${session.terminal}`],
    ['First seen', instant(session.first_seen)],
    ['Last seen', instant(session.last_seen)],
  ];
  const models = session.by_model.map(({ model, requests, tokens, cost_usd }) => [
    model,
    count(requests),
    ...[tokens.input, tokens.output, tokens.cache_read, tokens.cache_creation].map(count),
    exactAmount(cost_usd, 'usd'),
  ]);
  return element(
    'div',
    { class: 'board' },
    element(
      'div',
      { class: 'board-head' },
      element(
        'div',
        {},
        element('h1', { class: 'session-id' }, 'Session ', element('code', {}, session.session_id)),
        element('p', { class: 'stat-value' }, exactAmount(session.cost_usd, 'usd')),
      ),
    ),
    table('Cost by model', ['Model', 'Requests', 'Input', 'Output', 'Cache read', 'Cache write', 'Cost'], models),
    element(
      'dl',
      { class: 'facts is-session card' },
      ...facts.map(([name, value]) => element('div', { class: 'fact' }, element('dt', {}, name), element('dd', {}, value))),
    ),
  );
}
