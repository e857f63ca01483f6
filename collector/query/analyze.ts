/** GET /api/v1/analysis: a month or any time range: what it cost, why that changed, who and what it was spent on, and what was unusual. */
import { z } from 'zod';
import type { Filter } from '../catalog/values.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { DAY_MS } from '../core/duration.ts';
import { type AnalysisAnswer, analysisSchema } from './analysis/answer.ts';
import { readFacts } from './analysis/facts.ts';
import { renderAnalysis } from './analysis/render.ts';
import { sentencesOf } from './analysis/sentences.ts';
import { compareRange, RANGE_SHAPES, type Range, readRange } from './compared-range.ts';
import { knownFilters } from './known-values.ts';
import { badParameter, type Parameters, readCalendar, readCount, readWhere, WHERE_SHAPE } from './parameters.ts';
import { type Asking, type ParseContext, question } from './question.ts';

export type { AnalysisAnswer } from './analysis/answer.ts';

const LIMIT_DEFAULT = 5;
const LIMIT_MAX = 100;
/** Every day of every user is read. */
const DAYS_MAX = 400;

export interface AnalysisRequest {
  readonly range: Range;
  readonly calendar: CalendarOptions;
  readonly where: readonly Filter[];
  /** Rows of each list. */
  readonly limit: number;
}

export const ANALYZE = question<AnalysisRequest, AnalysisAnswer>({
  id: 'analysis',
  path: '/analysis',
  summary: 'A month or any time range: what it cost, and why.',
  description:
    'Compared with the period before, up to the same time while it goes on. The change is made of what teams, users, models and workspaces changed by, and of four effects of models; each adds up to it, to the last digit.',
  parameters: {
    ...RANGE_SHAPES,
    where: WHERE_SHAPE,
    limit: { schema: z.number().int().min(1).max(LIMIT_MAX).describe('Rows of each list.').meta({ default: LIMIT_DEFAULT }) },
  },
  answer: analysisSchema,
  parse: ({ parameters }, context) => parseAnalysis(parameters, context),
  ask: answerAnalysis,
});

function parseAnalysis(parameters: Parameters, { config, nowMs }: ParseContext): AnalysisRequest {
  const calendar = readCalendar(parameters, config);
  const range = readRange(parameters, calendar, nowMs);
  if (range.toMs - range.fromMs > DAYS_MAX * DAY_MS)
    throw badParameter('from', parameters.get('from') ?? '', `is more than ${DAYS_MAX} days before the end`, `Analyze at most ${DAYS_MAX} days.`);
  return { range, calendar, where: readWhere(parameters), limit: readCount(parameters, 'limit', LIMIT_DEFAULT, LIMIT_MAX) };
}

async function answerAnalysis({ range, calendar, limit, where: asked }: AnalysisRequest, asking: Asking): Promise<AnalysisAnswer> {
  const { reader, prices, config } = asking;
  const nowMs = asking.now();
  const { where, hints } = await knownFilters(asked, reader);
  const request = { ...compareRange(range, calendar, nowMs), calendar, where, nowMs, sessions: limit };
  const facts = await reader.snapshot((ledger) => readFacts(ledger, request));
  const figures = renderAnalysis(facts, { ...request, limit, prices, config, hints });
  return { ...figures, sentences: sentencesOf(figures) };
}
