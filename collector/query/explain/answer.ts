/** The answer of the question: its schema, and facts and findings put into it. */
import { z } from 'zod';
import { fullSessionId, shownSessionId } from '../../catalog/session-ids.ts';
import { showValue } from '../../catalog/values.ts';
import { formatUsd, PICO_PER_USD } from '../../core/money.ts';
import type { Session } from '../../ledger/sessions.ts';
import { type SavingsWithNote, savingsWithNoteSchema } from '../advice/answer.ts';
import { type AnswerOf, ageSchema, amountSchema, hintsSchema, instantSchema, usdSchema } from '../answer-schemas.ts';
import type { FilterHint } from '../known-values.ts';
import { freshnessOf, renderAmount, renderInstant } from '../render.ts';
import { ADVICE } from './advice.ts';
import type { Facts } from './facts.ts';
import { type Evidence, FINDING_CODES, type Found, shareOf } from './finding.ts';
import { normalCost } from './normal.ts';
import { over } from './slice.ts';
import { counted, percent, timesWords, usd } from './words.ts';

const evidenceSchema = z
  .object({
    text: z.string().describe('For people: one line.'),
    figure: z.string().optional().describe('Name of what value and normal are.'),
    value: z.number().optional(),
    normal: z.number().optional().describe('The median of the days before.'),
    cost_usd: usdSchema.optional(),
    normal_usd: usdSchema.optional().describe('What that is usually.'),
    session_id: z.string().optional(),
    user: z.string().optional(),
    model: z.string().optional(),
    client_version: z.string().optional(),
    at: instantSchema.optional(),
  })
  .meta({ id: 'Evidence' });

const findingSchema = z
  .object({
    code: z.enum(FINDING_CODES),
    severity: z.enum(['info', 'warning', 'critical']).describe('By the share of the cost that it explains; under a dollar, info.'),
    title: z.string().describe('A sentence with the figures that matter.'),
    explains_usd: usdSchema.describe('Up to so much of the cost. Findings overlap: these are not to be added up.'),
    share: z.number().describe('The same, of the whole cost, 0 to 1.'),
    estimated: z.boolean().describe('False: a sum over the ledger. True: calculated, since nobody knows what it would have cost otherwise.'),
    evidence: z.array(evidenceSchema),
    advice: z.array(z.object({ text: z.string(), link: z.string() })),
  })
  .meta({ id: 'CostFinding' });
export type CostFinding = AnswerOf<typeof findingSchema>;

export const explainSchema = z
  .object({
    headline: z.string().describe('What it cost, and how that compares.'),
    cost_usd: usdSchema,
    normal_usd: usdSchema
      .nullable()
      .describe(
        'The median of the days before, for a time range of this length; of a session, what sessions of its team cost. Null without such days.',
      ),
    ratio: z.number().nullable().describe('Cost over normal.'),
    normal_days: z.number().int().nonnegative().describe('Whole days before that the comparison rests on, at most 14.'),
    requests: amountSchema,
    sessions: amountSchema.describe('Sessions that began in it.'),
    findings: z.array(findingSchema).describe('What explains most first.'),
    claimed_share: z.number().describe('Of the cost, by all findings together. Beyond 1 they overlap.'),
    overlap: z.string().nullable().describe('The same as a sentence, where it is beyond 1.'),
    savings: savingsWithNoteSchema
      .nullable()
      .describe('What would have saved money, as /api/v1/advice says it; null where the filters name something that a session has several of.'),
    looked_into: z
      .object({ sessions: z.number().int().nonnegative(), share: z.number() })
      .describe('Sessions that were walked through request by request, the largest first, and their share of the cost.'),
    is_complete: z
      .boolean()
      .describe('False where a session was too long to be read, or records were removed because of their age: then something may be missing.'),
    session: z
      .object({
        session_id: z.string(),
        full_id: z.string(),
        user: z.string(),
        team: z.string(),
        first_seen: instantSchema,
        last_seen: instantSchema,
      })
      .nullable()
      .describe('Where one is asked about.'),
    from: instantSchema.nullable(),
    to: instantSchema.nullable(),
    time_zone: z.string(),
    hints: hintsSchema,
    ...ageSchema,
  })
  .meta({ id: 'Explanation' });
export type ExplainAnswer = AnswerOf<typeof explainSchema>;

export interface Explained {
  readonly facts: Facts;
  readonly findings: readonly Found[];
  readonly savings: SavingsWithNote | null;
  readonly session?: Session | undefined;
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  readonly hints: readonly FilterHint[];
  readonly nowMs: number;
}

export function renderExplained({ facts, findings, savings, session, fromMs, toMs, hints, nowMs }: Explained): ExplainAnswer {
  const { now, days, courses, timeZone } = facts;
  const total = now.sum('cost');
  const normal = normalCost(facts);
  const ratio = normal === undefined ? undefined : over(Number(total), Number(normal));
  const claimed = findings.reduce((sum, { explains }) => sum + shareOf(explains, total), 0);
  return {
    headline: headline(facts, findings, session),
    cost_usd: formatUsd(total),
    normal_usd: normal === undefined ? null : formatUsd(normal),
    ratio: ratio ?? null,
    normal_days: days.length,
    requests: renderAmount('requests', now.sum('requests')),
    sessions: renderAmount('sessions', now.sum('sessions')),
    findings: findings.map((found) => renderFinding(found, total, ratio)),
    claimed_share: claimed,
    overlap: claimed > 1 ? `The findings overlap: together they claim ${percent(claimed)} of the cost.` : null,
    savings,
    looked_into: {
      sessions: courses.length,
      share: shareOf(
        courses.reduce((sum, { cost }) => sum + cost, 0n),
        total,
      ),
    },
    is_complete: facts.isComplete,
    session: session === undefined ? null : renderSession(session),
    ...{ from: renderInstant(fromMs), to: renderInstant(toMs), time_zone: timeZone, hints: [...hints] },
    ...freshnessOf(facts.asOfMs, nowMs),
  };
}

const renderSession = (session: Session): NonNullable<ExplainAnswer['session']> => ({
  session_id: shownSessionId(session.sessionId),
  full_id: fullSessionId(session.sessionId),
  ...{ user: showValue('user', session.user), team: showValue('team', session.team) },
  ...{ first_seen: renderInstant(session.firstSeenMs), last_seen: renderInstant(session.lastSeenMs) },
});

const renderFinding = ({ code, title, explains, isEstimated, evidence, advice }: Found, total: bigint, ratio: number | undefined): CostFinding => ({
  ...{ code, title, explains_usd: formatUsd(explains), share: shareOf(explains, total), estimated: isEstimated },
  severity: severityOf(explains, total, ratio),
  evidence: evidence.map(renderEvidence),
  advice: advice.map((name) => ADVICE[name]),
});

/** Less than a dollar is nothing to be warned of, whatever it is a share of. */
const WARNING_USD = PICO_PER_USD;

/** A quarter of the cost is critical only where there is more of it than usual. */
function severityOf(explains: bigint, total: bigint, ratio = Number.POSITIVE_INFINITY): CostFinding['severity'] {
  const share = shareOf(explains, total);
  if (explains < WARNING_USD || share < 0.1) return 'info';
  return share >= 0.25 && ratio >= 1.25 ? 'critical' : 'warning';
}

const renderEvidence = ({
  text,
  figure,
  value,
  normal,
  cost,
  normalCost,
  sessionId,
  user,
  model,
  clientVersion,
  atMs,
}: Evidence): z.infer<typeof evidenceSchema> => ({
  text,
  ...(figure !== undefined && { figure }),
  ...(value !== undefined && { value }),
  ...(normal !== undefined && { normal }),
  ...(cost !== undefined && { cost_usd: formatUsd(cost) }),
  ...(normalCost !== undefined && { normal_usd: formatUsd(normalCost) }),
  ...(sessionId !== undefined && { session_id: sessionId }),
  ...(user !== undefined && { user }),
  ...(model !== undefined && { model }),
  ...(clientVersion !== undefined && { client_version: clientVersion }),
  ...(atMs !== undefined && { at: renderInstant(atMs) }),
});

/** How far from the usual a cost is still usual. */
const USUAL = { from: 0.8, to: 1.25 } as const;

function headline(facts: Facts, findings: readonly Found[], session: Session | undefined): string {
  const total = facts.now.sum('cost');
  const requests = facts.now.count('requests');
  if (total === 0n && requests === 0) return 'Nothing was spent in this time range.';
  const subject =
    session === undefined
      ? `${usd(total)} for ${counted(requests, 'request')}`
      : `This session cost ${usd(total)} for ${counted(requests, 'request')}`;
  const comparison = comparisonOf(facts, session !== undefined);
  const first = findings.find(({ explains }) => explains > 0n);
  const cause =
    first === undefined ? 'Nothing that would explain a cost stands out.' : `Up to ${percent(shareOf(first.explains, total))}: ${first.title}`;
  return `${subject}${comparison} ${cause}`;
}

function comparisonOf(facts: Facts, isSession: boolean): string {
  const normal = normalCost(facts);
  const what = isSession ? 'that sessions of its team usually cost' : 'that is usual for this length of time';
  const basis = `median of the ${counted(facts.days.length, 'day')} before`;
  if (normal === undefined || normal === 0n) return ', with no days before to compare it with.';
  const ratio = Number(facts.now.sum('cost')) / Number(normal);
  if (ratio >= USUAL.from && ratio <= USUAL.to) return `, close to the ${usd(normal)} ${what} (${basis}).`;
  return `, ${ratio < 1 ? `${percent(ratio)} of` : timesWords(ratio)} the ${usd(normal)} ${what} (${basis}).`;
}
