/** GET /api/v1/catalogue: what can be asked, as data. */
import { z } from 'zod';
import { DERIVED, FIGURE_NAMES, type FigureName, figureUnit, isDerived, isPercentile, PERCENTILES } from '../catalog/figures.ts';
import { GAUGES, type GaugeDeclaration } from '../catalog/gauges.ts';
import { DIMENSION_NAMES, DIMENSIONS, isMeasure, MEASURE_NAMES, MEASURES } from '../catalog/measures.ts';
import { GRAINS } from '../core/calendar.ts';
import { PERIOD_WORDS } from '../core/time-range.ts';
import type { AnswerOf } from './answer-schemas.ts';
import { question } from './question.ts';
import { fieldOf } from './render.ts';

const derived = (name: FigureName): string => (isDerived(name) ? DERIVED[name].description : isPercentile(name) ? PERCENTILES[name].description : '');

const named = { name: z.string(), description: z.string() };
const field = z.string().describe('Its field in answers.');
const answerSchema = z
  .object({
    measures: z.array(z.object({ ...named, field, unit: z.enum(['usd', 'tokens', 'ms', 'count']) })).describe('Sums that entries carry.'),
    figures: z
      .array(z.object({ ...named, field, unit: z.enum(['usd', 'tokens', 'ms', 'count', 'ratio', 'seconds']) }))
      .describe('Made of measures; they can be asked for wherever measures can.'),
    gauges: z
      .array(
        z.object({
          ...named,
          series: z.string(),
          labels: z.array(z.string()),
          unit: z.enum(['usd', 'tokens', 'count', 'ratio', 'seconds', 'timestamp']),
        }),
      )
      .describe('Figures at an instant, on /metrics and on the boards.'),
    dimensions: z.array(z.object({ ...named, absent: z.string().describe('What is shown where the value is not known.') })),
    grains: z.array(z.enum(GRAINS)),
    periods: z.array(z.string()),
  })
  .meta({ id: 'Catalogue' });
type CatalogueAnswer = AnswerOf<typeof answerSchema>;

const ANSWER: CatalogueAnswer = {
  measures: MEASURE_NAMES.map((name) => ({ name, field: fieldOf(name), unit: MEASURES[name].unit, description: MEASURES[name].description })),
  figures: FIGURE_NAMES.filter((name) => !isMeasure(name)).map((name) => ({
    name,
    field: fieldOf(name),
    unit: figureUnit(name),
    description: derived(name),
  })),
  gauges: Object.entries<GaugeDeclaration>(GAUGES).map(([name, { series, labels, unit, help }]) => ({
    name,
    series,
    labels,
    unit,
    description: help,
  })),
  dimensions: DIMENSION_NAMES.map((name) => ({ name, absent: DIMENSIONS[name].absent, description: DIMENSIONS[name].description })),
  grains: GRAINS,
  periods: PERIOD_WORDS,
};

export const CATALOGUE = question<undefined, CatalogueAnswer>({
  id: 'catalogue',
  path: '/catalogue',
  summary: 'What can be asked: measures, figures, gauges, dimensions, grains and periods.',
  parameters: {},
  answer: answerSchema,
  parse: () => undefined,
  ask: async () => ANSWER,
});
