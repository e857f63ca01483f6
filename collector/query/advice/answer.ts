/** The shape of advice, and findings put into it. */
import { z } from 'zod';
import { showValue } from '../../catalog/values.ts';
import { formatUsd, type PicoUsd } from '../../core/money.ts';
import { type AnswerOf, instantSchema, usdSchema } from '../answer-schemas.ts';
import { median } from '../explain/normal.ts';
import { percent } from '../explain/words.ts';
import { renderInstant } from '../render.ts';
import { shareOf } from '../totals.ts';
import { claimsOf, type Finding, ownerKey, RULES, type Saved, savedBy, savedTogether } from './advise.ts';
import { compactionsOf } from './compactions.ts';
import type { UserCourse } from './course.ts';
import type { ReadCourses } from './read.ts';
import { RULE_CODES, UNKNOWN } from './rule.ts';

const count = z.number().int().nonnegative();
const owner = { organization: z.string(), team: z.string(), user: z.string() };
const savedSchema = usdSchema.nullable().describe('Null where no amount is known.');

const unknownSchema = z
  .array(z.object({ requests: count, reason: z.string() }).meta({ id: 'UnknownSaving' }))
  .describe('Requests that the amount leaves out, and why.');

const evidenceSchema = z
  .object({
    session_id: z.string().describe('As the client calls it.'),
    full_id: z.string().describe('Names this session alone.'),
    ...owner,
    at: instantSchema.describe('The first time.'),
    text: z.string().describe('For people: one line.'),
    requests: count.describe('That would have cost less.'),
    saved_usd: savedSchema,
  })
  .meta({ id: 'SavingEvidence' });

const adviceSchema = z
  .object({
    code: z.enum(RULE_CODES),
    title: z.string(),
    advice: z.string().describe('What to do: one sentence.'),
    how: z.string().describe('How the amount was computed: one sentence.'),
    saved_usd: savedSchema.describe(
      'At most so much would have been saved; null where no amount is known. Advice overlaps: add up saved_usd of the answer instead.',
    ),
    unknown: unknownSchema,
    sessions: count,
    requests: count,
    evidence: z.array(evidenceSchema).describe('By session, the largest amount first.'),
    thresholds: z
      .array(
        z
          .object({ name: z.string(), value: z.number(), unit: z.enum(['tokens', 'requests', 'minutes', 'hours', 'usd']), reason: z.string() })
          .meta({ id: 'AdviceThreshold' }),
      )
      .describe('From when on something is said at all.'),
  })
  .meta({ id: 'Advice' });
export type AdviceItem = z.infer<typeof adviceSchema>;

/** What advice is, of a time range or of a session. */
export const savingsShape = {
  saved_usd: savedSchema.describe(
    'At most so much would have been saved by all advice together; what several claim of one request counts once. Null where no amount is known.',
  ),
  advice: z.array(adviceSchema).describe('The largest amount first; those without one last. Empty where nothing was found.'),
  compactions: z
    .object({ count, median_tokens_before: z.number().nullable(), median_tokens_after: z.number().nullable() })
    .describe('Size of the prompt when a conversation was compacted, and of the first one afterwards; null where none was seen.'),
};

export const lookedIntoSchema = z
  .object({
    sessions: count.describe('Read request by request, the most expensive first.'),
    sessions_found: count,
    share: z.number().nullable().describe('Of the cost, 0 to 1; null where nothing was spent.'),
    note: z.string().nullable().describe('Where not all of it was read, how much was.'),
  })
  .meta({ id: 'AdviceLookedInto' });

export const usersSchema = z
  .array(
    z
      .object({ ...owner, cost_usd: usdSchema.nullable().describe('Null beyond the 200 largest users.'), saved_usd: savedSchema })
      .meta({ id: 'UserSaving' }),
  )
  .describe('Users with advice, the largest amount first.');

const savingsSchema = z.object(savingsShape);
/** Beside other findings. */
export const savingsWithNoteSchema = z
  .object({ ...savingsShape, note: z.string().nullable().describe('Where not all of it was read, how much was.') })
  .meta({ id: 'SavingsBeside' });
export type SavingsWithNote = AnswerOf<typeof savingsWithNoteSchema>;
export type Savings = AnswerOf<typeof savingsSchema>;

/** Lines of each rule. */
const EVIDENCE_MAX = 20;

export function renderSavings(courses: readonly UserCourse[], findings: readonly Finding[]): Savings {
  const items = RULES.flatMap((rule) => {
    const own = findings.filter((finding) => finding.rule === rule);
    return own.length === 0 ? [] : [{ amount: savedBy(own).amount, item: renderAdvice(rule, own) }];
  });
  return {
    saved_usd: usdOf(savedTogether(findings)),
    advice: items.sort(byAmount).map(({ item }) => item),
    compactions: renderCompactions(courses),
  };
}

const usdOf = ({ amount }: Pick<Saved, 'amount'>): string | null => (amount === undefined ? null : formatUsd(amount));

/** The largest first, what is not known last. */
const byAmount = (a: { readonly amount: PicoUsd | undefined }, b: { readonly amount: PicoUsd | undefined }): number => {
  const [one, other] = [a.amount ?? -1n, b.amount ?? -1n];
  return one === other ? 0 : one < other ? 1 : -1;
};

function renderAdvice({ code, title, advice, how, thresholds }: (typeof RULES)[number], own: readonly Finding[]): AdviceItem {
  const saved = savedBy(own);
  const evidence = own.map((finding) => ({ amount: savedBy([finding]).amount, finding })).sort(byAmount);
  return {
    ...{ code, title, advice, how },
    saved_usd: usdOf(saved),
    unknown: [...saved.unknown].map(([why, requests]) => ({ requests, reason: UNKNOWN[why] })),
    sessions: new Set(own.map(({ course }) => course.fullId)).size,
    requests: claimsOf(own).length,
    evidence: evidence.slice(0, EVIDENCE_MAX).map(({ finding }) => renderEvidence(finding)),
    thresholds: thresholds.map((threshold) => ({ ...threshold })),
  };
}

function renderEvidence(finding: Finding): AdviceItem['evidence'][number] {
  const { rule, course, moments } = finding;
  return {
    ...{ session_id: course.sessionId, full_id: course.fullId, ...shownOwner(course.owner) },
    at: renderInstant(Math.min(...moments.map(({ atMs }) => atMs))),
    text: rule.words(moments),
    requests: claimsOf([finding]).length,
    saved_usd: usdOf(savedBy([finding])),
  };
}

/** Users with advice. */
export function renderUsers(findings: readonly Finding[], { owners }: Pick<ReadCourses, 'owners'>): z.infer<typeof usersSchema> {
  const costs = new Map(owners.map((owner) => [ownerKey(owner), formatUsd(owner.cost)]));
  return [...Map.groupBy(findings, ({ course }) => ownerKey(course.owner))]
    .map(([key, own]) => ({ key, owner: own[0]?.course.owner, amount: savedTogether(own).amount }))
    .sort(byAmount)
    .flatMap(({ key, owner, amount }) =>
      owner === undefined ? [] : [{ ...shownOwner(owner), cost_usd: costs.get(key) ?? null, saved_usd: usdOf({ amount }) }],
    );
}

export function renderLookedInto({ sessions, sessionsFound, cost, costRead, isComplete }: ReadCourses): z.infer<typeof lookedIntoSchema> {
  const share = shareOf(costRead, cost);
  const known = `${sessions.toLocaleString('en')} of ${sessionsFound.toLocaleString('en')} sessions were read, the most expensive first: ${percent(share ?? 0)} of the cost.`;
  return { sessions, sessions_found: sessionsFound, share, note: isComplete ? null : sessions < sessionsFound ? known : REMOVED };
}

const REMOVED = 'Records of some sessions were removed because of their age: something may be missing.';

const shownOwner = ({ organization, team, user }: UserCourse['owner']) => ({
  organization: showValue('organization', organization),
  team: showValue('team', team),
  user: showValue('user', user),
});

function renderCompactions(courses: readonly UserCourse[]): Savings['compactions'] {
  const all = courses.flatMap(compactionsOf);
  return {
    count: all.length,
    median_tokens_before: median(all.map(({ before }) => before)) ?? null,
    median_tokens_after: median(all.map(({ after }) => after)) ?? null,
  };
}
