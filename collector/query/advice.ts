/** GET /api/v1/advice: what would have saved money, of a user, a team or everything, each with the amount and how it was computed. */
import { z } from 'zod';
import { DAY_MS } from '../core/duration.ts';
import { formatUsd } from '../core/money.ts';
import { floorQuarter, type TimeRange } from '../core/time-range.ts';
import type { SessionFilter } from '../ledger/sessions.ts';
import { findAll } from './advice/advise.ts';
import { lookedIntoSchema, renderLookedInto, renderSavings, renderUsers, savingsShape, usersSchema } from './advice/answer.ts';
import { readCourses, SESSIONS_MAX } from './advice/read.ts';
import { type AnswerOf, ageSchema, hintsSchema, instantSchema, usdSchema } from './answer-schemas.ts';
import { askedUser } from './asked-user.ts';
import { csvPieces } from './csv.ts';
import { knownFilters } from './known-values.ts';
import { FORMAT_SHAPE, hasTimeRange, readCalendar, readTimeRange, TIME_RANGE_SHAPES } from './parameters.ts';
import { type Asking, question } from './question.ts';
import { freshnessOf, renderInstant } from './render.ts';
import { ownReader } from './scoped-reader.ts';
import { readSessionWhere, SESSION_WHERE_SHAPE } from './sessions.ts';

const DAYS_DEFAULT = 30;

export interface AdviceRequest {
  readonly range: TimeRange;
  readonly where: readonly SessionFilter[];
  readonly user: string | undefined;
  readonly timeZone: string;
}

const answerSchema = z
  .object({
    ...savingsShape,
    cost_usd: usdSchema.describe('Booked in the time range.'),
    users: usersSchema,
    looked_into: lookedIntoSchema,
    from: instantSchema.nullable(),
    to: instantSchema.nullable(),
    time_zone: z.string(),
    hints: hintsSchema,
    ...ageSchema,
  })
  .meta({ id: 'Savings' });
export type AdviceAnswer = AnswerOf<typeof answerSchema>;

export const ADVICE = question<AdviceRequest, AdviceAnswer>({
  id: 'advice',
  path: '/advice',
  summary: 'What would have saved money, with evidence.',
  description: `From the requests of the ${SESSIONS_MAX} sessions that cost most: cache written again after pauses, late compactions, tasks begun without /clear, small tasks on large models, background work. A user’s token that only sends may ask about that user. Without a time range it is about the last ${DAYS_DEFAULT} days.`,
  access: 'own',
  parameters: {
    user: {
      schema: z
        .string()
        .describe('One user. Without it: all whom who asks may see; of a token that only sends, its own user.')
        .meta({ examples: ['ada@example.com'] }),
    },
    where: SESSION_WHERE_SHAPE,
    ...TIME_RANGE_SHAPES,
    format: FORMAT_SHAPE,
  },
  answer: answerSchema,
  parse({ parameters }, { config, nowMs }) {
    const calendar = readCalendar(parameters, config);
    const range = hasTimeRange(parameters) ? readTimeRange(parameters, calendar, nowMs) : { fromMs: floorQuarter(nowMs - DAYS_DEFAULT * DAY_MS) };
    return { range, where: readSessionWhere(parameters), user: parameters.get('user') ?? undefined, timeZone: calendar.timeZone };
  },
  ask: answerAdvice,
  csv: (_, { advice }) =>
    csvPieces(
      ['code', ...CSV_COLUMNS],
      advice.flatMap(({ code, evidence }) => evidence.map((row) => [code, ...CSV_COLUMNS.map((column) => row[column] ?? '')])),
    ),
});

const CSV_COLUMNS = ['session_id', 'full_id', 'organization', 'team', 'user', 'at', 'requests', 'saved_usd', 'text'] as const;

async function answerAdvice(asked: AdviceRequest, asking: Asking): Promise<AdviceAnswer> {
  const { range, timeZone } = asked;
  const { config, prices, now } = asking;
  const { reader, where: typed } = await aboutWhom(asked, asking);
  const { where, hints } = await knownFilters(typed, reader);
  const read = await reader.snapshot((ledger) => readCourses(ledger, { ...range, where, timeZone: config.timezone }));
  const findings = findAll(read.courses, prices, range);
  return {
    ...renderSavings(read.courses, findings),
    cost_usd: formatUsd(read.cost),
    users: renderUsers(findings, read),
    looked_into: renderLookedInto(read),
    ...{ from: renderInstant(range.fromMs), to: renderInstant(range.toMs), time_zone: timeZone, hints: [...hints] },
    ...freshnessOf(read.asOfMs, now()),
  };
}

/** Somebody with a token that only sends sees what is booked on that user, and nothing else. */
async function aboutWhom(
  { user: named, where }: AdviceRequest,
  asking: Asking,
): Promise<Pick<Asking, 'reader'> & { where: readonly SessionFilter[] }> {
  if (named === undefined && asking.asker.mayRead) return { reader: asking.reader, where };
  const { user } = await askedUser(named, asking);
  const own: SessionFilter = { dimension: 'user', values: [user] };
  if (asking.asker.mayRead) return { reader: asking.reader, where: [...where, own] };
  return { reader: ownReader(asking.reader, user), where };
}
