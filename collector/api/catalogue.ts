/** GET /api/v1/catalogue: what can be asked, as data. */
import type { RequestHandler } from 'express';
import { DERIVED, FIGURE_NAMES, type FigureName, figureUnit, isDerived, isPercentile, PERCENTILES } from '../catalog/figures.ts';
import { GAUGES, type GaugeDeclaration } from '../catalog/gauges.ts';
import { DIMENSION_NAMES, DIMENSIONS, isMeasure, MEASURE_NAMES, MEASURES } from '../catalog/measures.ts';
import { GRAINS } from '../core/calendar.ts';
import { PERIOD_WORDS } from '../core/time-range.ts';
import { readParameters } from '../query/parameters.ts';
import { fieldOf } from '../query/render.ts';

const derived = (name: FigureName): string => (isDerived(name) ? DERIVED[name].description : isPercentile(name) ? PERCENTILES[name].description : '');

const ANSWER = {
  measures: MEASURE_NAMES.map((name) => ({ name, field: fieldOf(name), unit: MEASURES[name].unit, description: MEASURES[name].description })),
  /** Made of measures; they can be asked for wherever measures can. */
  figures: FIGURE_NAMES.filter((name) => !isMeasure(name)).map((name) => ({
    name,
    field: fieldOf(name),
    unit: figureUnit(name),
    description: derived(name),
  })),
  /** Figures at an instant, on /metrics and on the boards. */
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

export const catalog: RequestHandler = (request, response) => {
  readParameters(request.originalUrl, []);
  response.json(ANSWER);
};
