/** The course of spend as lines. The pointer, a finger or the arrow keys read one point; a drag looks closer. */
import type uPlot from 'uplot';
import type { CumulativeData } from '../../collector/query/boards/cumulative-data.ts';
import { amountAxis, labelEvery, quietAxis } from './axes.ts';
import { type ReadableChart, renderChart } from './chart-reader.ts';
import { difference, pointTitle } from './cumulative-text.ts';
import { element, property } from './dom.ts';
import { axisDate, changeAmount, exactAmount, shortAmount, toNumber } from './format.ts';

export interface CumulativeOptions {
  readonly title: string;
  readonly timeZone: string;
  readonly nowSeconds: number;
  readonly height: number;
  readonly onPick: (from: number, to: number | undefined) => void;
  readonly focusKey: string;
}

/** A budget many times as high as the rest would press the lines to the ground: it is then only named. */
const BUDGET_TIMES = 2.5;
/** The ledger adds up by quarters of an hour. */
const QUARTER_SECONDS = 900;

/** The frame of the chart, to be read by whoever sees it and whoever hears it. */
export const renderCumulativeChart = (data: CumulativeData, options: CumulativeOptions): HTMLElement =>
  renderChart(new Course(data, options), {
    ...options,
    label: `${options.title}, total ${exactAmount(data.total, data.unit)}. Use the left and right arrow keys to read the chart.`,
  });

const numbers = (amounts: CumulativeData['amounts']): (number | null)[] => amounts.map((amount) => (amount === null ? null : toNumber(amount)));

function budgetsDrawn({ budgets, amounts, previous, forecast }: CumulativeData): readonly number[] {
  const highest = Math.max(0, ...numbers([...amounts, ...previous, forecast?.p90 ?? null]).map((value) => value ?? 0));
  return budgets.map(({ amount }) => toNumber(amount)).filter((amount) => amount <= Math.max(highest, Number.MIN_VALUE) * BUDGET_TIMES);
}

/** Spent, the time before, the two lines ahead (from the present to the end), and a level for each budget. */
function plotData(data: CumulativeData, nowSeconds: number): uPlot.AlignedData {
  const { at, amounts, previous, forecast, total } = data;
  const ahead = (end: string | number | undefined): (number | null)[] =>
    at.map((seconds) => {
      if (end === undefined) return null;
      if (seconds === forecast?.at) return toNumber(end);
      return Math.abs(seconds - nowSeconds) < 1 ? toNumber(total) : null;
    });
  const before = previous.length === 0 ? at.map(() => null) : numbers(previous);
  const levels = budgetsDrawn(data).map((amount) => at.map(() => amount));
  return [[...at], numbers(amounts), before, ahead(forecast?.p90), ahead(forecast?.median), ...levels];
}

function plotOptions(
  data: CumulativeData,
  options: CumulativeOptions,
  size: { width: number; height: number },
  hooks: uPlot.Hooks.Arrays,
): uPlot.Options {
  const [spent, quiet, budget] = [property('--accent'), property('--muted'), property('--fail')];
  const band = property('--band');
  const line = (stroke: string, more: Partial<uPlot.Series> = {}): uPlot.Series => ({ stroke, width: 2, points: { show: false }, ...more });
  const isFew = data.at.length < 4;
  return {
    ...size,
    padding: [12, 22, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: true, size: 7 }, drag: { x: true, y: false, setScale: false } },
    scales: { x: { time: false }, y: { range: (_plot, _least, most) => [0, most === null || most <= 0 ? 1 : most * 1.06] } },
    axes: [timeAxis(data, options), amountAxis(data.unit)],
    series: [
      {},
      line(spent, { width: 2.5, fill: band, points: { show: isFew, size: 6, fill: spent } }),
      line(quiet, { width: 1.5, dash: [5, 4] }),
      line(spent, { width: 1, dash: [2, 4], spanGaps: true }),
      line(spent, { width: 2, dash: [7, 5], spanGaps: true }),
      ...budgetsDrawn(data).map(() => line(budget, { width: 1.5, dash: [10, 4] })),
    ],
    hooks: {
      ...hooks,
      drawAxes: [(plot) => drawBand(plot, data, options.nowSeconds)],
      draw: [(plot) => drawNow(plot, data, options.nowSeconds)],
    },
  };
}

/** Labels stand where a day or an hour begins. */
function timeAxis({ at, grain }: CumulativeData, { timeZone, nowSeconds }: CumulativeOptions): uPlot.Axis {
  const starts = at.slice(0, -1).filter((seconds) => Math.abs(seconds - nowSeconds) >= 1);
  return {
    ...quietAxis(),
    splits: (plot) => {
      const every = labelEvery(starts.length, plot);
      return starts.filter((_, index) => index % every === 0);
    },
    values: (_plot, splits) => splits.map((seconds) => axisDate(seconds, grain, timeZone)),
  };
}

/** What lies between the median and the 90th percentile, from the present to the end. */
function drawBand(plot: uPlot, { forecast, total }: CumulativeData, nowSeconds: number): void {
  if (forecast === null) return;
  const { ctx } = plot;
  const corners: readonly (readonly [number, string | number])[] = [
    [nowSeconds, total],
    [forecast.at, forecast.p90],
    [forecast.at, forecast.median],
  ];
  ctx.save();
  ctx.fillStyle = property('--band');
  ctx.beginPath();
  for (const [at, amount] of corners) ctx.lineTo(plot.valToPos(at, 'x', true), plot.valToPos(toNumber(amount), 'y', true));
  ctx.fill();
  ctx.restore();
}

/** Where the present lies, if anything is ahead of it. */
function drawNow(plot: uPlot, { at }: CumulativeData, nowSeconds: number): void {
  if (nowSeconds <= (at[0] ?? 0) || nowSeconds >= (at.at(-1) ?? 0)) return;
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(nowSeconds, 'x', true));
  ctx.save();
  ctx.strokeStyle = property('--muted');
  ctx.fillStyle = property('--muted');
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  const isRight = x > bbox.left + bbox.width * 0.9;
  ctx.textAlign = isRight ? 'right' : 'left';
  ctx.fillText('now', x + (isRight ? -5 : 5) * devicePixelRatio, bbox.top + 11 * devicePixelRatio);
  ctx.restore();
}

/** Read point by point. */
class Course implements ReadableChart {
  readonly #data: CumulativeData;
  readonly #options: CumulativeOptions;

  constructor(data: CumulativeData, options: CumulativeOptions) {
    this.#data = data;
    this.#options = options;
  }

  get count(): number {
    return this.#data.at.length;
  }

  get lastKnown(): number {
    return this.#data.amounts.filter((amount) => amount !== null).length - 1;
  }

  xOf(index: number): number {
    return this.#data.at[index] ?? 0;
  }

  draw: ReadableChart['draw'] = (size, hooks) => ({
    options: plotOptions(this.#data, this.#options, size, hooks),
    data: plotData(this.#data, this.#options.nowSeconds),
  });

  tooltip(index: number): readonly HTMLElement[] {
    const rows = this.#rows(index).map(([words, amount, kind]) =>
      element('div', { class: 'tooltip-row' }, element('span', { class: `swatch is-${kind}` }), element('span', {}, words), element('b', {}, amount)),
    );
    return [element('p', { class: 'tooltip-title' }, this.#title(index)), ...rows];
  }

  sentence(index: number): string {
    const figures = this.#rows(index).map(([words, amount]) => `${words} ${amount}`);
    return `${this.#title(index)}: ${figures.join(', ') || 'nothing'}`;
  }

  onDrag(first: number, last: number): void {
    const [from, to] = [this.#data.at[first], this.#data.at[last]];
    if (from === undefined || to === undefined || from >= to) return;
    this.#options.onPick(Math.floor(from / QUARTER_SECONDS) * QUARTER_SECONDS, Math.ceil(to / QUARTER_SECONDS) * QUARTER_SECONDS);
  }

  #title(index: number): string {
    return pointTitle(this.#data, index, this.#options.nowSeconds, this.#options.timeZone);
  }

  #rows(index: number): readonly (readonly [words: string, amount: string, kind: string])[] {
    const { amounts, previous, unit, forecast, at } = this.#data;
    const [amount = null, before = null] = [amounts[index], previous[index]];
    const change = difference(amount, before);
    return [
      ...(amount === null ? [] : [['Spent', shortAmount(amount, unit), 'spent'] as const]),
      ...(before === null ? [] : [['Previous period', shortAmount(before, unit), 'previous'] as const]),
      ...(change === null ? [] : [['Difference', changeAmount(change, unit), 'none'] as const]),
      ...(forecast === null || forecast.at !== at[index]
        ? []
        : ([
            ['Forecast, median', shortAmount(forecast.median, unit), 'forecast'],
            ['Forecast, 90th percentile', shortAmount(forecast.p90, unit), 'forecast'],
          ] as const)),
    ];
  }
}
