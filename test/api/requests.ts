/** Hostile requests to every route of the API, from a seed: the same seed makes the same requests. */

import { FIGURE_NAMES } from '../../collector/catalog/figures.ts';
import { DIMENSION_NAMES } from '../../collector/catalog/measures.ts';
import { ROUTES } from '../../collector/catalog/names.ts';
import { GRAINS } from '../../collector/core/calendar.ts';
import { PERIOD_WORDS } from '../../collector/core/time-range.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import type { Random } from '../support/random.ts';

export interface HostileRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const METHODS = ['GET', 'GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'];
const ODD = [
  ...['', ' ', '0', '-1', '1e9', '9'.repeat(20), '-0', 'NaN', 'null', 'undefined', '[]', '{}', 'true', '__proto__', 'constructor', 'toString'],
  ...[
    "'; DROP TABLE entries; --",
    '<script>',
    '%',
    '%00',
    '\u0000',
    '\u{1F600}',
    '\uD800',
    'é'.repeat(30),
    'x'.repeat(513),
    '../../etc/passwd',
    '\\',
    '"',
    'a\r\nb: c',
  ],
];
const POINTS = [
  ...['0001-01-01', '0000-00-00', '9999-12-31', '+275760-09-13', '-271821-04-20', '2026-02-30', '2026-13', '2026-11', '2026-11-20', '1999-12-31'],
  ...[
    '2000-01-01',
    '2100-01-01',
    '2100-01-02',
    'now',
    'now-1m',
    'now-99999y',
    'now-99999M/y',
    'now-7d/d',
    'now-30d/w',
    '2026-11-20T10:15:00Z',
    '2026-11-20T25:00',
  ],
  ...['2026-11-20T10:15:00+14:00', '2026-11-20T10:15:00.123456789Z', '2026-03-29T02:30', '2026-W47', '1763600000', 'today', 'last_year'],
];
const ZONES = [
  'UTC',
  'utc',
  'Europe/Berlin',
  'eUROPE/bERLIN',
  'Pacific/Apia',
  'Africa/Cairo',
  '+01:00',
  '+0545',
  '-23:59',
  '+24:00',
  'Etc/GMT+12',
  'Mars',
  '2026-11-20T00:00Z[UTC]',
  'SystemV/EST5',
];
const AMOUNTS = ['0', '-1', '1', '500.00', '1e3', '999999999999.999999999999', '9'.repeat(40), 'NaN', 1, -1, 1e308, true, null, [], {}];

type Pick = (random: Random) => string;
const oneOf =
  (words: readonly string[]): Pick =>
  (random) =>
    random.chance(0.15) ? random.pick(ODD) : random.pick(words);
const listOf =
  (words: readonly string[], most: number): Pick =>
  (random) =>
    Array.from({ length: random.below(most) + 1 }, () => oneOf(words)(random)).join(',');

const PARAMETERS: Readonly<Record<string, Pick>> = {
  by: listOf(DIMENSION_NAMES, 8),
  measures: listOf(FIGURE_NAMES, 6),
  grain: oneOf(GRAINS),
  from: oneOf(POINTS),
  to: oneOf(POINTS),
  period: oneOf(PERIOD_WORDS),
  tz: oneOf(ZONES),
  where: (random) => `${oneOf(DIMENSION_NAMES)(random)}${random.chance(0.1) ? '' : ':'}${random.pick(ODD)}`,
  format: oneOf(['json', 'csv', 'xml']),
  limit: oneOf(['1', '50', '500', '501']),
  order: oneOf(['last_seen', 'cost', 'duration']),
  forecast: oneOf(['true', 'false']),
  user: oneOf(['alice@example.com', 'p-0123456789abcdef']),
  state: oneOf(['open', 'all', 'shut']),
};
const PANELS = BOARDS.flatMap(({ id, rows }) => rows.flatMap(({ panels }) => panels.map((panel) => `${id}/panels/${panel.id}`)));

const TIME = ['from', 'to', 'period', 'tz'];
const OWN: readonly (readonly [route: string, names: readonly string[]])[] = [
  [ROUTES.spend, ['by', 'measures', 'grain', 'format', 'where', 'where', ...TIME]],
  [ROUTES.session, ['limit', 'order', 'where', ...TIME]],
  [ROUTES.boards, ['where', 'format', ...TIME]],
  [ROUTES.budgets, ['forecast']],
  [ROUTES.budgetRequests, ['state']],
  [ROUTES.myBudget, ['user']],
];

/** Mostly those that the route has. */
function namesFor(route: string, random: Random): readonly string[] {
  const own = random.chance(0.9) ? OWN.find(([start]) => route.startsWith(start))?.[1] : undefined;
  const names = Array.from({ length: random.below(4) }, () => (random.chance(0.02) ? random.pick(ODD) : random.pick(own ?? Object.keys(PARAMETERS))));
  return random.chance(0.9) ? [...new Set(names)] : names;
}

function pathOf(random: Random): string {
  const odd = () => (random.chance(0.5) ? random.pick(ODD) : encodeURIComponent(random.pick(ODD).toWellFormed()));
  const route = random.pick([
    ...['/', '/sessions', '/healthz', '/readyz', '/assets/page.css', '/boards/overview', '/api', '/api/v2', '/metrics', `/${odd()}`],
    ...[ROUTES.spend, ROUTES.spend, ROUTES.session, `${ROUTES.session}/${odd()}`, ROUTES.catalog, ROUTES.status, ROUTES.alerts, ROUTES.myBudget],
    ...[
      ROUTES.budgets,
      `${ROUTES.budgets}/platform`,
      `${ROUTES.budgets}/${odd()}`,
      `${ROUTES.budgets}/platform/raises`,
      `${ROUTES.budgets}/${odd()}/audit`,
      ...[ROUTES.budgetRequests, `${ROUTES.budgetRequests}/${odd()}/approve`, `${ROUTES.budgetRequests}/1/deny`],
      ...[ROUTES.myRequests, `${ROUTES.myRequests}/${odd()}`, `${ROUTES.requestPages}/${odd()}`, `${ROUTES.morePages}/${odd()}`],
    ],
    ...[
      ROUTES.boards,
      `${ROUTES.boards}/${random.pick(BOARDS).id}`,
      `${ROUTES.boards}/${random.pick(PANELS)}${random.pick(['', '.csv', '.svg'])}`,
      `${ROUTES.boards}/${odd()}`,
    ],
  ]);
  const names = namesFor(route, random);
  const query = names.map((name) => {
    const value = Object.hasOwn(PARAMETERS, name) ? (PARAMETERS[name]?.(random) ?? '') : random.pick(ODD);
    return `${encodeURIComponent(name.toWellFormed())}=${random.chance(0.1) ? value : encodeURIComponent(value.toWellFormed())}`;
  });
  return names.length === 0 ? route : `${route}?${query.join('&')}`;
}

function bodyOf(random: Random): string {
  if (random.chance(0.2)) return random.pick(['', '{', 'null', '[]', '"x"', '{"a":'.repeat(2_000), '['.repeat(50_000), 'x'.repeat(70_000), '\u0000']);
  const keys = [
    'amount_usd',
    'tokens',
    'period',
    'scope',
    'per',
    'by',
    'until',
    'why',
    'time_zone',
    'warn_at',
    'rollover',
    'hard_limit',
    'parent',
    '__proto__',
  ];
  const value = (): unknown => {
    if (random.chance(0.3)) return random.pick(AMOUNTS);
    if (random.chance(0.2)) return { [random.pick(DIMENSION_NAMES)]: random.pick(ODD) };
    return random.pick([...ODD, ...POINTS, ...ZONES, 'day', 'week', 'month', 'quarter', 'year', '500.00', 0.8, [0.5, 0.9]]);
  };
  return JSON.stringify(Object.fromEntries(Array.from({ length: random.below(6) + 1 }, () => [random.pick(keys), value()])));
}

/** What the parser of HTTP refuses in the first line of a request, before anything of ours sees it. */
const UNSENDABLE = /[^!-~]/g;

export function hostileRequest(random: Random): HostileRequest {
  const method = random.pick(METHODS);
  const headers: Record<string, string> = {};
  if (random.chance(0.1)) headers.accept = random.pick(['text/csv', '*/*;q=x', 'x'.repeat(2_000), '']);
  if (random.chance(0.1)) headers.authorization = random.pick(['Bearer ', 'Bearer x', 'Basic eDp5', 'Bearer é']);
  if (random.chance(0.1)) headers['if-none-match'] = random.pick(['*', '"x"', 'W/"']);
  if (random.chance(0.1)) headers['x-ledgerline-peer'] = random.pick(['{', '{"address":1}', 'null']);
  if (random.chance(0.1)) headers.origin = random.pick(['null', 'http://evil.example', 'http://127.0.0.1']);
  if (random.chance(0.05)) headers.range = 'bytes=0-18446744073709551615';
  const hasBody = method === 'PUT' || method === 'POST' || random.chance(0.05);
  if (hasBody)
    headers['content-type'] = random.chance(0.8) ? 'application/json' : random.pick(['text/plain', 'application/json; charset=x', 'x'.repeat(200)]);
  return { method, path: pathOf(random).replaceAll(UNSENDABLE, '?'), headers, body: hasBody ? bodyOf(random) : undefined };
}
