/** GET /api/v1/forecast/rollout: from what a pilot costs to the monthly budget of a roll-out. */
import { z } from 'zod';
import type { Filter } from '../catalog/values.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { periodAround, periodStart } from '../core/time-range.ts';
import type { Range } from './compared-range.ts';
import { csvPieces } from './csv.ts';
import { knownFilters } from './known-values.ts';
import { badParameter, FORMAT_SHAPE, type Parameters, readCalendar, readCount, readTimeRange, readWhere, TIME_RANGE_SHAPES } from './parameters.ts';
import { type Asking, type ParseContext, question } from './question.ts';
import { freshnessOf, renderInstant } from './render.ts';
import { type RolloutAnswer, rolloutSchema } from './rollout/answer.ts';
import { forecastRollout, type Plan } from './rollout/forecast.ts';
import { type MixShare, parseMix } from './rollout/mix.ts';
import { USERS_MAX as PILOT_USERS_MAX, readPilot } from './rollout/pilot.ts';
import { parseRamp, type Ramp, WEEKS_MAX } from './rollout/ramp.ts';
import { renderForecast, renderMix, renderPilot, renderPublished } from './rollout/render.ts';

export type { RolloutAnswer } from './rollout/answer.ts';

const USERS_MAX = 50_000;
/** What is drawn from: eight weeks, unless a time range says otherwise. */
const DAYS_DEFAULT = 56;
/** Older use says little about the next months. */
const DAYS_MAX = 182;

interface RolloutRequest {
  readonly pilot: readonly Filter[];
  readonly range: Range;
  readonly calendar: CalendarOptions;
  readonly plan: Plan;
}

export const FORECAST_ROLLOUT = question<RolloutRequest, RolloutAnswer>({
  id: 'forecast_rollout',
  path: '/forecast/rollout',
  summary: 'A monthly budget for a roll-out, from what a pilot costs.',
  description:
    'Estimates: see docs/rollout.md for how they are computed and what they cannot know. The same question over the same ledger has the same answer.',
  parameters: {
    pilot: {
      schema: z
        .string()
        .describe('Who is the pilot: a filter as dimension:value; repeatable. All dimensions must match, values of one dimension are alternatives.')
        .meta({ examples: ['team:platform'] }),
      isRepeatable: true,
    },
    users: {
      schema: z
        .number()
        .int()
        .min(1)
        .max(USERS_MAX)
        .describe('Users to plan for, those of the pilot included.')
        .meta({ examples: [400] }),
    },
    start: {
      schema: z.iso
        .date()
        .describe('First day of the roll-out. Without it: that of the next month.')
        .meta({ examples: ['2026-12-01'] }),
    },
    ramp: {
      schema: z
        .string()
        .describe(
          `Weeks until everybody has begun, as many each week; or percent of the users in each week, up to 100. Without it: all at once. At most ${WEEKS_MAX} weeks.`,
        )
        .meta({ examples: ['8', '10,25,50,100'] }),
    },
    mix: {
      schema: z
        .string()
        .describe('Percent of the days of use by model, or by a part of its name; they add up to 100. Without it: as in the pilot.')
        .meta({ examples: ['opus=20,sonnet=80'] }),
    },
    pilot_users: {
      schema: z
        .number()
        .int()
        .min(1)
        .max(PILOT_USERS_MAX)
        .describe('Users of the pilot, also those who sent nothing. Without it: those who did.')
        .meta({ examples: [25] }),
    },
    ...TIME_RANGE_SHAPES,
    format: FORMAT_SHAPE,
  },
  answer: rolloutSchema,
  parse: ({ parameters }, context) => parseRollout(parameters, context),
  ask: answerRollout,
  csv: (_, { months }) =>
    csvPieces(
      ['month', 'from', 'to', 'working_days', 'users', 'p50_usd', 'p90_usd', 'days'],
      months.map(({ month, from, to, working_days, users, p50_usd, p90_usd, days }) => [
        month,
        from,
        to,
        working_days,
        users,
        p50_usd,
        p90_usd,
        days,
      ]),
    ),
});

function parseRollout(parameters: Parameters, { config, nowMs }: ParseContext): RolloutRequest {
  const calendar = readCalendar(parameters, config);
  const pilot = readWhere(parameters, 'pilot');
  if (pilot.length === 0) throw badParameter('pilot', '', 'is missing', 'Give a filter, such as pilot=team:platform.');
  if (!parameters.has('users')) throw badParameter('users', '', 'is missing', `Give a number from 1 to ${USERS_MAX}.`);
  const plan: Plan = {
    users: readCount(parameters, 'users', 1, USERS_MAX),
    start: readStart(parameters, calendar, nowMs),
    ramp: readRamp(parameters),
    mix: readMix(parameters),
    headcount: parameters.has('pilot_users') ? readCount(parameters, 'pilot_users', 1, PILOT_USERS_MAX) : undefined,
    timeZone: calendar.timeZone,
  };
  return { pilot, range: readPilotRange(parameters, calendar, nowMs), calendar, plan };
}

const DATE = /^20\d{2}-\d{2}-\d{2}$/;

function readStart(parameters: Parameters, calendar: CalendarOptions, nowMs: number): Temporal.PlainDate {
  const text = parameters.get('start');
  if (text === null) {
    const { toMs } = periodAround('month', nowMs, calendar);
    return Temporal.Instant.fromEpochMilliseconds(toMs).toZonedDateTimeISO(calendar.timeZone).toPlainDate();
  }
  try {
    if (DATE.test(text)) return Temporal.PlainDate.from(text);
  } catch {
    // Such as 30 February.
  }
  throw badParameter('start', text, 'is not a day', 'Write year, month and day, such as 2026-12-01.');
}

function readRamp(parameters: Parameters): Ramp {
  const text = parameters.get('ramp') ?? '';
  const ramp = parseRamp(text);
  if (ramp !== undefined) return ramp;
  const hint = `Give a number of weeks up to ${WEEKS_MAX}, or percent of the users by week that do not fall and end with 100, such as 10,25,50,100.`;
  throw badParameter('ramp', text, 'is no ramp-up', hint);
}

function readMix(parameters: Parameters): readonly MixShare[] {
  const text = parameters.get('mix');
  if (text === null || text === '') return [];
  const mix = parseMix(text);
  if (mix !== undefined) return mix;
  throw badParameter('mix', text, 'is no mix of models', 'Name models, each once, with percent that add up to 100, such as opus=20,sonnet=80.');
}

/** Whole days that are over, of a long time the last; none of today. */
function readPilotRange(parameters: Parameters, calendar: CalendarOptions, nowMs: number): Range {
  const { fromMs, toMs = nowMs } = readTimeRange(parameters, calendar, nowMs);
  const endMs = periodStart('day', Math.min(toMs, nowMs), calendar);
  const daysBefore = (days: number): number => periodAround('day', endMs, calendar, -days).fromMs;
  const startMs = fromMs === undefined ? daysBefore(DAYS_DEFAULT) : periodStart('day', fromMs, calendar);
  return { fromMs: Math.min(endMs, Math.max(startMs, daysBefore(DAYS_MAX))), toMs: endMs };
}

async function answerRollout({ pilot: asked, range, calendar, plan }: RolloutRequest, { reader, config, now }: Asking): Promise<RolloutAnswer> {
  const nowMs = now();
  const { where, hints } = await knownFilters(asked, reader);
  const { pilot, asOfMs } = await reader.snapshot(async (ledger) => ({
    pilot: await readPilot(ledger, { where, range, calendar, headcount: plan.headcount }),
    asOfMs: (await ledger.status()).asOfMs,
  }));
  const rollout = await forecastRollout(pilot, plan);
  return {
    pilot: renderPilot(pilot, rollout.measured, { where, calendar }),
    ...{ verdict: rollout.verdict, findings: [...rollout.findings] },
    ...{ users: plan.users, start: plan.start.toString(), time_zone: calendar.timeZone, ramp: [...plan.ramp] },
    mix: renderMix(rollout, plan),
    ...renderForecast(rollout),
    published: renderPublished(rollout, plan, config.benchmarks),
    evaluated_at: renderInstant(nowMs),
    ...freshnessOf(asOfMs, nowMs),
    hints: [...hints],
  };
}
