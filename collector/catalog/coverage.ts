/**
 * Who pays for a request: the claude.ai plan of the user's login, whose included usage is not billed by the token, or an account that is
 * billed for what it uses. The client says plan and seat on every record from 2.1.315 on, and only with a claude.ai login.
 */
import type { Dimensions } from './measures.ts';

/**
 * metered: billed by the token, so its cost is money. covered: included in a plan, so its cost is notional, the value of what was used.
 * unknown: the plan or the seat is not one whose billing is known.
 */
export type Coverage = 'metered' | 'covered' | 'unknown';

export const COVERAGES = ['metered', 'covered', 'unknown'] as const satisfies readonly Coverage[];

/** Plans of one user: there is no seat to choose. */
const PERSONAL_PLANS: ReadonlySet<string> = new Set(['pro', 'max']);
const ORGANIZATION_PLANS: ReadonlySet<string> = new Set(['team', 'enterprise']);
const INCLUSIVE_SEATS: ReadonlySet<string> = new Set(['standard', 'premium']);

/**
 * Takes stored values of the two dimensions: absent and '' alike mean that the client named none, which is an API key or a cloud provider,
 * or a client too old to name a plan. Usage beyond what a plan includes (usage credits) is billed, but nothing in a request says so: it
 * counts as covered.
 */
export function coverageOf({ plan = '', seat = '' }: Pick<Dimensions, 'plan' | 'seat'>): Coverage {
  if (seat === 'usage_based') return 'metered';
  if (plan === '') return seat === '' ? 'metered' : 'unknown';
  if (PERSONAL_PLANS.has(plan)) return 'covered';
  return ORGANIZATION_PLANS.has(plan) && INCLUSIVE_SEATS.has(seat) ? 'covered' : 'unknown';
}
