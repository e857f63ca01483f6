/** GET /api/v1/status and `ledgerline doctor`: the facts about the ledger and who sends to it, and what follows from them. */

import { z } from 'zod';
import { limitFindings } from '../budgets/hard-limit.ts';
import type { Budget } from '../budgets/journal.ts';
import { scopeFindings } from '../budgets/unknown-scopes.ts';
import { DIMENSION_NAMES } from '../catalog/measures.ts';
import { REFUSALS, type RefusalTotal, remedyOf } from '../catalog/refusals.ts';
import { showValue } from '../catalog/values.ts';
import { DAY_MS } from '../core/duration.ts';
import type { Finding } from '../core/finding.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import { type AnswerOf, ageSchema, findingSchema, instantSchema } from './answer-schemas.ts';
import { diagnose } from './diagnosis.ts';
import { question } from './question.ts';
import { type Freshness, freshnessOf, renderInstant } from './render.ts';
import { setAsideFindings } from './set-aside.ts';
import { unreconciledFindings } from './unreconciled.ts';

/** Senders of the last week; who was silent for longer is on holiday or gone. */
export const SENDERS_MS = 7 * DAY_MS;

const SENDERS_MAX = 200;
const REFUSALS_MAX = 200;

const senderSchema = z.object({
  user: z.string(),
  team: z.string(),
  job: z.string().describe('Of CI; none for everybody else.'),
  client_version: z.string(),
  sessions: z.number().int().describe('In the last seven days.'),
  last_seen: instantSchema.nullable(),
});

const refusalSchema = z.object({
  kind: z.string(),
  detail: z.string().describe('The path, the reason, the limit; empty where the kind has none.'),
  count: z.number().int(),
  unit: z.string().describe('What is counted: export, record, request, connection or value.'),
  first_seen: instantSchema.nullable(),
  last_seen: instantSchema.nullable(),
  senders: z
    .array(z.object({ address: z.string(), count: z.number().int(), last_seen: instantSchema.nullable() }))
    .describe('The latest addresses, of more where has_more_senders.'),
  has_more_senders: z.boolean(),
  remedy: z.string(),
});

const answerSchema = z
  .object({
    ...ageSchema,
    entries: z.number().int().nullable(),
    sessions: z.number().int().nullable(),
    schema_version: z.number().int().nullable(),
    counters: z
      .object({
        appended: z.number().int(),
        duplicates: z.number().int(),
        conflicts: z.number().int(),
        expired: z.number().int(),
        late: z.number().int(),
      })
      .nullable()
      .describe('Of all entries that were ever received.'),
    held_back_records: z.number().int().nullable().describe('Records that came so late into so long a session that their cost is held back.'),
    overflow: z
      .partialRecord(z.enum(DIMENSION_NAMES), z.number().int())
      .nullable()
      .describe('Values beyond the limit of a dimension, booked under "(other)".'),
    senders_total: z.number().int().nullable(),
    senders: z.array(senderSchema).nullable().describe(`Of the last seven days, the newest ${SENDERS_MAX}.`),
    refusals: z
      .array(refusalSchema)
      .nullable()
      .describe('What the receivers refused, ignored or corrected in the last seven days, the latest first.'),
    findings: z.array(findingSchema).nullable().describe('The most severe first.'),
  })
  .meta({ id: 'Status' });
export type StatusAnswer = AnswerOf<typeof answerSchema>;
/** What those see who see everything. */
export type WholeStatus = { readonly [Key in keyof StatusAnswer]: Key extends keyof Freshness ? StatusAnswer[Key] : NonNullable<StatusAnswer[Key]> };
type RefusalAnswer = WholeStatus['refusals'][number];

export const STATUS = question<undefined, StatusAnswer>({
  id: 'status',
  path: '/status',
  isOfPrimary: true,
  summary: 'The state of the ledger, and what is wrong with it.',
  description:
    'The facts behind `ledgerline doctor`: counters, recent senders with their client versions, refusals, and findings with remedies. They are about the whole ledger: those who see part of it get how old it is, and null for the rest.',
  parameters: {},
  answer: answerSchema,
  parse: () => undefined,
  ask: async (_, { reader, scope, config, budgets, refusals, findings = async () => [], now }) => {
    if (scope !== 'all') return ageOf(reader, now());
    return statusOf({
      reader,
      budgets: await budgets.budgets(config.budgets),
      refusals: await refusals(),
      findings: await findings(),
      nowMs: now(),
    });
  },
});

async function ageOf(reader: Pick<LedgerSnapshot, 'status'>, nowMs: number): Promise<StatusAnswer> {
  const nothing = { entries: null, sessions: null, schema_version: null, counters: null, held_back_records: null, overflow: null };
  return { ...(await readFreshness(reader, nowMs)), ...nothing, senders_total: null, senders: null, refusals: null, findings: null };
}

export interface StatusContext {
  readonly reader: LedgerSnapshot;
  /** In force. */
  readonly budgets: readonly Budget[];
  readonly refusals: readonly RefusalTotal[];
  /** Of others. Default: none. */
  readonly findings?: readonly Finding[];
  readonly nowMs: number;
}

export async function statusOf({ reader, budgets, refusals, findings = [], nowMs }: StatusContext): Promise<WholeStatus> {
  const facts = await reader.status();
  const senders = await reader.senders(nowMs - SENDERS_MS);
  return {
    ...freshnessOf(facts.asOfMs, nowMs),
    entries: facts.entries,
    sessions: facts.sessions,
    schema_version: facts.schemaVersion,
    counters: facts.counters,
    held_back_records: facts.heldBack,
    overflow: facts.overflow,
    senders_total: senders.length,
    senders: senders.slice(0, SENDERS_MAX).map((sender) => ({
      user: showValue('user', sender.user),
      team: showValue('team', sender.team),
      job: showValue('job', sender.job),
      client_version: showValue('client_version', sender.clientVersion),
      sessions: sender.sessions,
      last_seen: renderInstant(sender.lastSeenMs),
    })),
    refusals: refusals.slice(0, REFUSALS_MAX).map(renderRefusal),
    findings: diagnose(facts, senders, nowMs, {
      refusals,
      more: [
        ...findings,
        ...(await scopeFindings(budgets, reader)),
        ...limitFindings(budgets),
        ...(await unreconciledFindings(reader)),
        ...(await setAsideFindings(reader)),
      ],
    }),
  };
}

function renderRefusal({ kind, detail, count, firstMs, lastMs, senders, hasMoreSenders }: RefusalTotal): RefusalAnswer {
  return {
    kind,
    detail,
    count,
    unit: REFUSALS[kind].unit,
    first_seen: renderInstant(firstMs),
    last_seen: renderInstant(lastMs),
    senders: senders.map((sender) => ({ address: sender.address, count: sender.count, last_seen: renderInstant(sender.lastMs) })),
    has_more_senders: hasMoreSenders,
    remedy: remedyOf({ kind, detail }),
  };
}

/** What GET /readyz answers beside readiness. */
export const readFreshness = async (reader: Pick<LedgerSnapshot, 'status'>, nowMs: number): Promise<Freshness> =>
  freshnessOf((await reader.status()).asOfMs, nowMs);
