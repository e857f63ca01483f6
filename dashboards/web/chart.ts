/** What uPlot draws: stacked bars or lines over time, marks and thresholds. One place on the axis is one bar of the answer. */
import uPlot from 'uplot';
import type { Thresholds } from '../../collector/catalog/panel.ts';
import type { AnnotationData, SeriesData } from '../../collector/query/boards/panel-data.ts';
import { amountAxis, labelEvery, quietAxis } from './axes.ts';
import { property } from './dom.ts';
import { axisDate, toNumber } from './format.ts';
import type { Palette } from './palette.ts';

type Line = SeriesData['series'][number];

export interface Drawing {
  readonly data: SeriesData;
  readonly lines: readonly Line[];
  readonly isStacked: boolean;
  readonly palette: Palette;
  readonly timeZone: string;
  readonly thresholds: Thresholds | undefined;
  readonly annotations: readonly AnnotationData[];
}

export function plotData({ data, lines, isStacked }: Drawing): uPlot.AlignedData {
  // Bars are as far apart as they are many: an hour of a changed clock or a long month bends nothing.
  const places = data.starts.map((_, index) => index);
  if (!isStacked) return [places, ...lines.map((line) => line.values.map((value) => (value === null ? null : toNumber(value))))];
  const sums = data.starts.map(() => 0);
  const stacks = lines.map((line) =>
    line.values.map((value, index) => {
      sums[index] = (sums[index] ?? 0) + (value === null ? 0 : toNumber(value));
      return sums[index] ?? 0;
    }),
  );
  // The largest line lies at the bottom. uPlot paints in order, so the whole stack comes first and the bottom last.
  return [places, ...stacks.reverse()];
}

export function plotOptions(drawing: Drawing, size: { width: number; height: number }, hooks: uPlot.Hooks.Arrays): uPlot.Options {
  const count = drawing.data.starts.length;
  return {
    ...size,
    padding: [10, 22, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: !drawing.isStacked, size: 7 }, drag: { x: true, y: false, setScale: false } },
    scales: { x: { time: false, range: [-0.5, count - 0.5] }, y: { range: (_plot, least, most) => heightOf(drawing, least, most) } },
    axes: [timeAxis(drawing), amountAxis(drawing.data.unit)],
    series: [{}, ...(drawing.isStacked ? [...drawing.lines].reverse().map(bar(drawing)) : drawing.lines.map(line(drawing)))],
    hooks: { ...hooks, drawAxes: [(plot) => drawThresholds(plot, drawing)], draw: [(plot) => drawMarks(plot, drawing)] },
  };
}

/** From zero, or from below where something is negative; a ratio near one leaves no empty half above it. */
function heightOf({ data, isStacked, thresholds }: Drawing, least: number | null, most: number | null): [number, number] {
  const highest = Math.max(most ?? 0, ...(isStacked ? [] : (thresholds ?? [])));
  const lowest = Math.min(least ?? 0, 0);
  if (data.unit === 'ratio' && highest <= 1 && highest > 0.5) return [lowest, 1];
  return [lowest * 1.05, highest > 0 ? highest * 1.06 : 1];
}

const bar =
  ({ palette }: Drawing) =>
  (of: Line): uPlot.Series => {
    const bars = uPlot.paths.bars?.({ size: [0.78, 44, 1] });
    const base = { label: of.label, fill: property(palette.colorOf(of)), stroke: property('--card'), width: 1, points: { show: false } };
    return { ...base, ...(bars !== undefined && { paths: bars }) };
  };

/** A single point between two gaps has no line, so points are shown wherever they are few. */
const line =
  ({ palette, data }: Drawing) =>
  (of: Line): uPlot.Series => {
    const stroke = property(palette.colorOf(of));
    return { label: of.label, stroke, width: 2, spanGaps: false, points: { show: data.starts.length <= 60, size: 5, fill: stroke } };
  };

function timeAxis({ data: { starts, grain }, timeZone }: Drawing): uPlot.Axis {
  return {
    ...quietAxis(),
    splits: (plot) => {
      const every = labelEvery(starts.length, plot);
      // Counted from the last bar, so that the present always has its label.
      return starts.flatMap((_, index) => ((starts.length - 1 - index) % every === 0 ? [index] : []));
    },
    values: (_plot, splits) => splits.map((index) => axisDate(starts[index] ?? 0, grain, timeZone)),
  };
}

/** Where an instant lies on the axis of bars; undefined when it is outside. */
function placeOf(at: number, starts: readonly number[]): number | undefined {
  const next = starts.findIndex((start) => start > at);
  const index = next === -1 ? starts.length - 1 : next - 1;
  const [from, to] = [starts[index], starts[index + 1]];
  if (from === undefined || at < from) return undefined;
  return index - 0.5 + (to === undefined ? 0.5 : (at - from) / (to - from));
}

function drawMarks(plot: uPlot, { annotations, data }: Drawing): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = property('--hue-7');
  ctx.strokeStyle = property('--hue-7');
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  const half = 4.5 * devicePixelRatio;
  for (const { at } of annotations.flatMap(({ marks }) => marks)) {
    const place = placeOf(at, data.starts);
    if (place === undefined) continue;
    const x = Math.round(plot.valToPos(place, 'x', true));
    ctx.beginPath();
    ctx.moveTo(x, bbox.top + half);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath();
    for (const [dx, dy] of [
      [0, -half],
      [half, 0],
      [0, half],
      [-half, 0],
    ] as const)
      ctx.lineTo(x + dx, bbox.top + dy);
    ctx.fill();
  }
  ctx.restore();
}

function drawThresholds(plot: uPlot, { thresholds, isStacked }: Drawing): void {
  if (thresholds === undefined || isStacked) return;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  for (const [index, threshold] of thresholds.entries()) {
    const y = Math.round(plot.valToPos(threshold, 'y', true));
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = property(index === 0 ? '--warn' : '--fail');
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}
