/** Which requests may take the ledger long, by their address alone: they wait for each other, and nothing else waits for them. */
import { ROUTES } from '../../catalog/names.ts';

const FEW_DIMENSIONS = 2;
const WIDE_GRAINS = ['total', 'day', 'week', 'month', 'quarter'];
const HEAVY = [ROUTES.boards, ROUTES.session];

/** True for boards, exports, lists of sessions, spend that no small roll-up answers, and MCP, which has its question in the body. */
export function isHeavy(url: string): boolean {
  const [path = '', search = ''] = url.split('?', 2);
  if ([ROUTES.mcp, ROUTES.export].some((route) => isBelow(path, route))) return true;
  if (isBelow(path, ROUTES.spend)) return isHeavySpend(new URLSearchParams(search));
  if (isBelow(path, ROUTES.session)) return path.replace(/\/$/, '').toLowerCase() === ROUTES.session;
  return HEAVY.some((route) => isBelow(path, route) && path.length > route.length + 1);
}

/** As the router compares: in any capitals. */
const isBelow = (path: string, route: string): boolean => `${path.toLowerCase()}/`.startsWith(`${route}/`);

function isHeavySpend(parameters: URLSearchParams): boolean {
  const by = parameters.get('by')?.split(',') ?? [];
  const filtered = parameters.getAll('where').map((filter) => filter.split(':', 1)[0]);
  // The days of another zone are made of quarters of an hour.
  return parameters.has('tz') || !WIDE_GRAINS.includes(parameters.get('grain') ?? 'total') || new Set([...by, ...filtered]).size > FEW_DIMENSIONS;
}
