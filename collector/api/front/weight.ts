/** Which requests may take the ledger long, by their address alone: they wait for each other, and nothing else waits for them. */
import { ROUTES } from '../../catalog/names.ts';

const FEW_DIMENSIONS = 2;
const WIDE_GRAINS = ['total', 'day', 'week', 'month', 'quarter'];
/** Who asks, and what is left. */
const ME = '/api/v1/me';
/** Answered from what is at hand, or about one thing. Whatever else is asked may take the ledger long, also what is added one day. */
const LIGHT = [
  ROUTES.catalog,
  ROUTES.status,
  ROUTES.budgets,
  ROUTES.budgetRequests,
  ME,
  ROUTES.alerts,
  ROUTES.erasures,
  ROUTES.adjustments,
  ROUTES.closedMonths,
  ROUTES.merges,
  ROUTES.repricings,
  ROUTES.openapi,
];

/** True for boards, exports, lists, reports, spend that no small roll-up answers, and MCP, which has its question in the body. */
export function isHeavy(url: string): boolean {
  const [path = '', search = ''] = url.split('?', 2);
  if (isBelow(path, ROUTES.spend)) return isHeavySpend(new URLSearchParams(search));
  if (isBelow(path, ROUTES.mcp)) return true;
  if (!isBelow(path, API) || LIGHT.some((route) => isBelow(path, route))) return false;
  const depth = path.replace(/\/$/, '').split('/').length;
  if (isBelow(path, ROUTES.session)) return depth !== ONE_SESSION;
  return !isBelow(path, ROUTES.boards) || depth > ALL_BOARDS;
}

/** Work of the writer that goes on whoever waits for it, and takes as long as the ledger is large: who cannot wait for its end takes it for failed. */
const LASTING = [ROUTES.erasures, ROUTES.merges, ROUTES.closedMonths];

export const mayLast = (method = 'GET', url = ''): boolean =>
  method === 'POST' && LASTING.some((route) => isBelow(url.split('?', 1)[0] ?? '', route));

/** Asked by hooks of thousands at once, and answered from what is at hand: it waits for nothing else. */
export const isOfGuard = (url: string): boolean => isBelow(url.split('?', 1)[0] ?? '', ROUTES.guard);

const API = '/api/v1';
/** Parts of an address: of /api/v1/boards, and of /api/v1/sessions/{session}. */
const ALL_BOARDS = ROUTES.boards.split('/').length;
const ONE_SESSION = ROUTES.session.split('/').length + 1;

/** As the router compares: in any capitals. */
const isBelow = (path: string, route: string): boolean => `${path.toLowerCase()}/`.startsWith(`${route}/`);

function isHeavySpend(parameters: URLSearchParams): boolean {
  const by = parameters.get('by')?.split(',') ?? [];
  const filtered = parameters.getAll('where').map((filter) => filter.split(':', 1)[0]);
  // The days of another zone are made of quarters of an hour.
  return parameters.has('tz') || !WIDE_GRAINS.includes(parameters.get('grain') ?? 'total') || new Set([...by, ...filtered]).size > FEW_DIMENSIONS;
}
