/** GET /api/v1/sessions/{session.id}/requests: what happened in a session, in time order, and what each request cost. */
import { z } from 'zod';
import { COVERAGES, coverageOf } from '../catalog/coverage.ts';
import { fullSessionId, shownSessionId } from '../catalog/session-ids.ts';
import { showValue } from '../catalog/values.ts';
import { LedgerlineError } from '../core/error.ts';
import { formatUsd } from '../core/money.ts';
import type { CourseStep } from '../ledger/session-course.ts';
import type { Session } from '../ledger/sessions.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import { ageSchema, instantSchema, usdSchema } from './answer-schemas.ts';
import { csvPieces } from './csv.ts';
import { findSession, SESSION_SHAPE } from './find-session.ts';
import { badParameter, FORMAT_SHAPE, readCount } from './parameters.ts';
import { priceNote } from './price-note.ts';
import { type Asking, question } from './question.ts';
import { freshnessOf, renderInstant } from './render.ts';

const LIMIT_DEFAULT = 1_000;
const LIMIT_MAX = 10_000;
/** A session of more records is not read for this. */
const RECORDS_MAX = 100_000;

const KINDS = ['request', 'error', 'refusal', 'compaction', 'beyond_events', 'adjustment'] as const;
type Kind = (typeof KINDS)[number];

const count = z.number().int();

const rowSchema = z
  .object({
    time: instantSchema,
    kind: z
      .enum(KINDS)
      .describe(
        'beyond_events: what the metrics report and no event does, such as an interrupted request; its time is that of the data point. adjustment: what a repricing or an import of history corrected; its amounts may be negative.',
      ),
    model: z.string(),
    source: z.string().describe('Query source: main, subagent or auxiliary, and its finer name.'),
    agent: z.string(),
    effort: z.string(),
    speed: z.string(),
    user: z.string(),
    context_tokens: count.describe('Size of the prompt: uncached input, cache reads and cache writes.'),
    input_tokens: count,
    cache_read_tokens: count,
    cache_write_tokens: count,
    output_tokens: count,
    cost_usd: usdSchema,
    coverage: z
      .enum(COVERAGES)
      .describe(
        'covered: included in a claude.ai plan, so its cost is notional; metered: billed by use; unknown: from plan and seat it does not follow.',
      ),
    price_basis: z.string().describe('What the reported cost agrees with: list, or the cause of the difference; none where no cost is reported.'),
    price_note: z.string().nullable().describe('The same in a sentence; null where it is list price, or nothing is reported.'),
    duration_ms: count,
    pause_seconds: z.number().nonnegative().nullable().describe('Since the request before it; null for the first.'),
  })
  .meta({ id: 'SessionStep' });
type SessionStepAnswer = z.infer<typeof rowSchema>;

const answerSchema = z
  .object({
    session_id: z.string().describe('As the client calls it.'),
    full_id: z.string().describe('Names this session alone.'),
    requests: z.array(rowSchema).describe('Oldest first.'),
    total: count.describe('Rows there are, of which these are those after `after`.'),
    next: count.nullable().describe('For `after`, to read on; null at the end.'),
    cost_usd: usdSchema.describe('Of all rows; the booked cost of the session where no records were removed because of their age.'),
    is_complete: z.boolean().describe('False where records were removed because of their age.'),
    ...ageSchema,
  })
  .meta({ id: 'SessionRequests' });
export type SessionRequestsAnswer = z.infer<typeof answerSchema>;

export interface SessionRequestsRequest {
  readonly session: string;
  readonly after: number;
  readonly limit: number;
}

export const SESSION_REQUESTS = question<SessionRequestsRequest, SessionRequestsAnswer>({
  id: 'session_requests',
  path: '/sessions/{session}/requests',
  summary: 'The requests of a session, in time order.',
  description: 'Each with the size of its prompt, so that the growth of the conversation shows; with errors and compactions between them.',
  parameters: {
    after: { schema: z.coerce.number().int().min(0).describe('How many rows to leave out.').meta({ default: 0 }) },
    limit: { schema: z.coerce.number().int().min(1).max(LIMIT_MAX).describe('Rows of the answer.').meta({ default: LIMIT_DEFAULT }) },
    format: FORMAT_SHAPE,
  },
  pathParameters: { session: SESSION_SHAPE },
  answer: answerSchema,
  parse: ({ parameters, path }) => ({
    session: path?.session ?? '',
    after: readAfter(parameters.get('after')),
    limit: readCount(parameters, 'limit', LIMIT_DEFAULT, LIMIT_MAX),
  }),
  ask: answerRequests,
  csv: (_, { requests }) => {
    const columns = Object.keys(rowSchema.shape) as (keyof SessionStepAnswer)[];
    return csvPieces(
      columns,
      requests.map((row) => columns.map((column) => row[column] ?? '')),
    );
  },
});

function readAfter(text: string | null): number {
  if (text === null) return 0;
  if (!/^\d{1,9}$/.test(text)) throw badParameter('after', text, 'is not a number of rows', 'Give `next` of the answer before.');
  return Number(text);
}

async function answerRequests({ session: asked, after, limit }: SessionRequestsRequest, asking: Asking): Promise<SessionRequestsAnswer> {
  const { session, steps, isComplete, asOfMs } = await asking.reader.snapshot(async (ledger) => {
    const found = await findSession(asked, ledger);
    return { session: found, ...(await courseOf(ledger, found)), asOfMs: (await ledger.status()).asOfMs };
  });
  const rows = rowsOf(steps, asking.prices);
  const end = after + limit;
  return {
    session_id: shownSessionId(session.sessionId),
    full_id: fullSessionId(session.sessionId),
    requests: rows.slice(after, end),
    total: rows.length,
    next: end < rows.length ? end : null,
    cost_usd: formatUsd(steps.reduce((sum, { cost }) => sum + cost, 0n)),
    is_complete: isComplete,
    ...freshnessOf(asOfMs, asking.now()),
  };
}

async function courseOf(ledger: Pick<Asking['reader'], 'course'>, { sessionId }: Session) {
  const course = await ledger.course(fullSessionId(sessionId), { recordsMax: RECORDS_MAX });
  if (course !== undefined && course.steps === undefined) {
    throw new LedgerlineError('invalid', `The session has more than ${RECORDS_MAX.toLocaleString('en')} records.`, {
      hint: 'Ask for its sums: GET /api/v1/sessions/{session.id}.',
    });
  }
  return { steps: course?.steps ?? [], isComplete: course !== undefined && !course.hasRemoved };
}

export const kindOf = ({ amounts, cost, isAdjustment }: CourseStep): Kind | undefined => {
  if (isAdjustment === true) return cost === 0n ? undefined : 'adjustment';
  if (amounts.requests === 1) return 'request';
  if (amounts.errors !== undefined) return 'error';
  if (amounts.refusals !== undefined) return 'refusal';
  if (amounts.compactions !== undefined) return 'compaction';
  return cost === 0n ? undefined : 'beyond_events';
};

function rowsOf(steps: readonly CourseStep[], prices: PriceBook): SessionStepAnswer[] {
  const rows: SessionStepAnswer[] = [];
  let lastMs: number | undefined;
  for (const step of steps) {
    const kind = kindOf(step);
    if (kind === undefined) continue;
    rows.push(renderStep(step, kind, lastMs, prices));
    if (kind === 'request') lastMs = step.timeMs;
  }
  return rows;
}

function renderStep(step: CourseStep, kind: Kind, lastMs: number | undefined, prices: PriceBook): SessionStepAnswer {
  const { timeMs, dims, amounts, cost } = step;
  const { input_tokens = 0, cache_read_tokens = 0, cache_creation_tokens = 0, output_tokens = 0, api_duration_ms = 0 } = amounts;
  const source = [dims.query_source, dims.query_source_detail].filter((name) => name !== '').join(', ');
  return {
    time: renderInstant(timeMs),
    kind,
    model: showValue('model', dims.model),
    source: source === '' ? showValue('query_source', '') : source,
    agent: showValue('agent', dims.agent),
    effort: showValue('effort', dims.effort),
    speed: showValue('speed', dims.speed),
    user: showValue('user', dims.user),
    context_tokens: input_tokens + cache_read_tokens + cache_creation_tokens,
    ...{ input_tokens, cache_read_tokens, cache_write_tokens: cache_creation_tokens, output_tokens },
    cost_usd: formatUsd(cost),
    coverage: coverageOf(dims),
    price_basis: showValue('price_basis', dims.price_basis),
    price_note: priceNote(step, prices),
    duration_ms: api_duration_ms,
    pause_seconds: kind !== 'request' || lastMs === undefined ? null : Math.max(0, (timeMs - lastMs) / 1000),
  };
}
