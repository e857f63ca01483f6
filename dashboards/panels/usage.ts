/** Panels about what the money bought. */
import type { MeasureName } from '../../collector/measures.ts';
import { MEASURES } from '../../collector/measures.ts';
import type { Panel, Window } from '../panel.ts';

export const tokensByClassBars = (width: number): Panel => ({
  id: 'tokens-by-class',
  title: 'Tokens by class',
  description: 'Booked tokens in the chosen time range. The four classes do not overlap: their sum is all tokens that were billed.',
  visualisation: 'bars',
  unit: 'tokens',
  query: { measures: ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'], by: [], window: 'range' },
  width,
  height: 9,
});

export const countStat = (measure: MeasureName, title: string, width: number): Panel => ({
  id: measure.replaceAll('_', '-'),
  title,
  description: `${MEASURES[measure].description} In the chosen time range.`,
  visualisation: 'stat',
  unit: MEASURES[measure].unit,
  query: { measures: [measure], by: [], window: 'range' },
  width,
  height: 4,
});

export const activeUsersStat = (window: Window, width: number): Panel => ({
  id: 'active-users',
  title: 'Active users today',
  description: 'People with booked cost since midnight. Cost without a known user counts as nobody.',
  visualisation: 'stat',
  unit: 'count',
  query: { measures: ['cost'], by: ['user'], window, figure: 'distinct' },
  width,
  height: 4,
});
