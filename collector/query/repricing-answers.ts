/** Repricings over REST: what is asked, how far one is, and what was applied. Money as decimal strings in USD, signed. */
import { z } from 'zod';
import { showValue } from '../catalog/values.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { LedgerlineError } from '../core/error.ts';
import type { AppliedRepricing, AskedRepricing, RepricingOutcome } from '../ledger/repricing-record.ts';
import { instantSchema, usdSchema } from './answer-schemas.ts';
import { readTimeRange } from './parameters.ts';
import { renderInstant } from './render.ts';

const MODELS_MAX = 100;
export const REPRICING_EXAMPLE = '{"from": "2026-10-01", "to": "2026-11-01", "models": ["claude-opus-5-5"], "apply": false}';

export const repricingBody = z
  .strictObject({
    from: z.string().optional().describe('First day, or time. Omitted: since the beginning.'),
    to: z.string().optional().describe('Exclusive. Omitted: until now.'),
    models: z.array(z.string().min(1)).min(1).max(MODELS_MAX).optional().describe('Normalized. Omitted: all.'),
    apply: z.boolean().optional().describe('Book what differs. Default: false.'),
  })
  .meta({ id: 'RepricingRequest' });

const share = z.object({
  model: z.string(),
  team: z.string(),
  list_usd: usdSchema,
  contracted_usd: usdSchema,
  uncertain_usd: usdSchema.describe('Of cost_list_uncertain.'),
  cost_usd: usdSchema.describe('Booked cost, as far as it is estimated from list price.'),
  unpriced_tokens: z.number().int(),
});
const outcomeSchema = z
  .object({
    entries: z.number().int().describe('That were looked at.'),
    corrections: z.number().int().describe('Adjustments: one for each session, quarter of an hour and dimensions that were off.'),
    changes: z.array(share).describe('By how much figures move.'),
    cannot: z
      .object({ sessions: z.number().int(), list_usd: usdSchema, unpriced_tokens: z.number().int() })
      .describe('What stays as it is, since its entries were removed because of their age.'),
    is_whole: z.boolean().describe('False where it was broken off: the next one goes on from there.'),
  })
  .meta({ id: 'RepricingOutcome' });
export type RepricingOutcomeAnswer = z.infer<typeof outcomeSchema>;

const asked = {
  from: instantSchema.nullable(),
  to: instantSchema.nullable(),
  models: z.array(z.string()).nullable(),
  book: z.string().describe('Digest of the prices: the same prices, the same text.'),
  started: instantSchema,
};
const stateSchema = z
  .object({
    ...asked,
    applied: z.boolean(),
    running: z.boolean(),
    entries: z.number().int().describe('Looked at so far.'),
    of: z.number().int().describe('Entries there were when it began.'),
    outcome: outcomeSchema.nullable(),
    failure: z.string().nullable().describe('Why it ended without an outcome.'),
  })
  .meta({ id: 'RepricingState' });
const appliedSchema = z
  .object({
    ...asked,
    id: z.number().int(),
    who: z.string(),
    ended: instantSchema.nullable().describe('Null while it runs, and where the collector ended meanwhile.'),
    outcome: outcomeSchema.nullable(),
  })
  .meta({ id: 'AppliedRepricing' });
export const repricingsSchema = z
  .object({
    current: stateSchema.nullable().describe('The one that runs, else the last one since the collector started.'),
    applied: z.array(appliedSchema).describe('The newest first.'),
  })
  .meta({ id: 'Repricings' });
export type RepricingsAnswer = z.infer<typeof repricingsSchema>;

export interface RepricingRequest {
  readonly asked: AskedRepricing;
  readonly isApplied: boolean;
  readonly who: string;
}

export interface RepricingState {
  readonly asked: AskedRepricing;
  readonly isApplied: boolean;
  readonly isRunning: boolean;
  readonly startedMs: number;
  readonly book: string;
  readonly entries: number;
  readonly of: number;
  readonly outcome: RepricingOutcome | undefined;
  readonly failure: string | undefined;
}

/** Throws `invalid`. */
export function readRepricing(body: unknown, calendar: CalendarOptions, nowMs: number): Omit<RepricingRequest, 'who'> {
  const { data, error } = repricingBody.safeParse(body);
  if (data === undefined) {
    const { path, message } = error.issues[0] ?? { path: [], message: 'is not understood' };
    throw new LedgerlineError('invalid', `${path.join('.') || 'The body'}: ${message}.`, { hint: `Example: ${REPRICING_EXAMPLE}.` });
  }
  const { from, to, models, apply = false } = data;
  const parameters = new URLSearchParams({ ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
  const { fromMs, toMs } = readTimeRange(parameters, calendar, nowMs);
  return { asked: { fromMs, toMs, models }, isApplied: apply };
}

export const renderRepricings = (state: RepricingState | null, applied: readonly AppliedRepricing[]): RepricingsAnswer => ({
  current: state && renderState(state),
  applied: applied.map(({ id, who, endedMs, outcome, ...rest }) => ({
    ...{ ...renderAsked(rest), id, who, ended: endedMs === undefined ? null : renderInstant(endedMs), outcome: renderOutcome(outcome) },
  })),
});

const renderAsked = ({ asked: { fromMs, toMs, models }, book, startedMs }: Pick<RepricingState, 'asked' | 'book' | 'startedMs'>) => ({
  from: fromMs === undefined ? null : renderInstant(fromMs),
  to: toMs === undefined ? null : renderInstant(toMs),
  models: models === undefined ? null : [...models],
  book,
  started: renderInstant(startedMs),
});

const renderState = (state: RepricingState) => ({
  ...renderAsked(state),
  ...{ applied: state.isApplied, running: state.isRunning, entries: state.entries, of: state.of },
  ...{ outcome: renderOutcome(state.outcome), failure: state.failure ?? null },
});

function renderOutcome(outcome: RepricingOutcome | undefined): RepricingOutcomeAnswer | null {
  if (outcome === undefined) return null;
  const { entries, corrections, shares, beyond, isWhole } = outcome;
  return {
    ...{ entries, corrections, is_whole: isWhole },
    changes: shares.map(({ model, team, list, contracted, uncertain, cost, unpricedTokens }) => ({
      ...{ model: showValue('model', model), team: showValue('team', team), list_usd: list, contracted_usd: contracted },
      ...{ uncertain_usd: uncertain, cost_usd: cost, unpriced_tokens: unpricedTokens },
    })),
    cannot: { sessions: beyond.sessions, list_usd: beyond.list, unpriced_tokens: beyond.unpricedTokens },
  };
}
