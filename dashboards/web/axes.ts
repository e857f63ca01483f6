/** The axes of every chart: times below, amounts at the left. */
import type uPlot from 'uplot';
import { HOUR_MS, MINUTE_MS } from '../../collector/core/duration.ts';
import type { PanelUnit } from '../../collector/query/boards/panel-data.ts';
import { property } from './dom.ts';
import { axisAmount } from './format.ts';

const FONT = '12px system-ui, sans-serif';
const AXIS_LABEL_PX = 64;
/** Where an axis of durations may be split: 1, 2 and 5 of small units, then what divides minutes, hours and days. */
const DURATION_STEPS_MS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000],
  ...[1, 2, 5, 10, 20, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000].map((hours) => hours * HOUR_MS),
];

/** An axis of times as it looks, without its labels. */
export const quietAxis = (): uPlot.Axis => ({
  stroke: property('--muted'),
  font: FONT,
  size: 30,
  grid: { show: false },
  ticks: { show: false },
});

/** Each how many-th of the places has a label, so that labels do not overlap. */
export const labelEvery = (places: number, plot: uPlot): number => Math.max(1, Math.ceil((places * AXIS_LABEL_PX) / Math.max(plot.width - 60, 1)));

export const amountAxis = (unit: PanelUnit): uPlot.Axis => ({
  stroke: property('--muted'),
  font: FONT,
  size: 56,
  space: 44,
  grid: { stroke: property('--grid'), width: 1 },
  ticks: { show: false },
  ...((unit === 'ms' || unit === 'seconds') && { incrs: DURATION_STEPS_MS.map((step) => (unit === 'ms' ? step : step / 1000)) }),
  values: (_plot, splits) => splits.map((value) => axisAmount(value, unit)),
});
