/** GET /api/v1/catalogue: what can be asked, as data. */
import type { RequestHandler } from 'express';
import { GRAINS } from '../ledger.ts';
import { DIMENSION_NAMES, DIMENSIONS, MEASURE_NAMES, MEASURES } from '../measures.ts';
import { PERIOD_WORDS } from '../period.ts';
import { readParameters } from './parameters.ts';
import { fieldOf } from './render.ts';

const ANSWER = {
  measures: MEASURE_NAMES.map((name) => ({ name, field: fieldOf(name), unit: MEASURES[name].unit, description: MEASURES[name].description })),
  dimensions: DIMENSION_NAMES.map((name) => ({ name, absent: DIMENSIONS[name].absent, description: DIMENSIONS[name].description })),
  grains: GRAINS,
  periods: PERIOD_WORDS,
};

export const catalogue: RequestHandler = (request, response) => {
  readParameters(request.originalUrl, []);
  response.json(ANSWER);
};
