/** Stacked bars over time, drawn by uPlot. The pointer, a finger or the arrow keys read one bar; a drag picks a stretch. */
import uPlot from 'uplot';
import type { SeriesData } from '../../collector/http/panel-data.ts';
import type { Unit } from '../../collector/measures.ts';
import { element, property, withProperties } from './dom.ts';
import { axisAmount, axisDate, barTitle, exactAmount, exactTotal, percent, toNumber } from './format.ts';
import type { Palette } from './palette.ts';

export interface SeriesOptions {
  readonly unit: Unit;
  readonly title: string;
  readonly timeZone: string;
  readonly palette: Palette;
  readonly hidden: ReadonlySet<string>;
  readonly onToggle: (label: string) => void;
  /** The stretch from the first bar to the end of the last, epoch seconds; undefined end: the present. */
  readonly onPick: (from: number, to: number | undefined) => void;
  readonly focusKey: string;
}

type Line = SeriesData['series'][number];

const TOOLTIP_ROWS = 10;
const AXIS_LABEL_PX = 64;
const HEIGHT = 270;

export function renderSeries(data: SeriesData, options: SeriesOptions): HTMLElement {
  const plot = element('div', {
    class: 'plot',
    tabindex: 0,
    role: 'group',
    'data-focus': `${options.focusKey}:plot`,
    'aria-label': `${options.title}, total ${exactAmount(data.total, options.unit)}. Left and right arrow keys read the bars.`,
  });
  const tooltip = element('div', { class: 'tooltip', hidden: true });
  const spoken = element('p', { class: 'visually-hidden', 'aria-live': 'polite' });
  const frame = element('div', { class: 'plot-frame' }, plot, tooltip, spoken);
  const visible = data.series.filter((line) => !options.hidden.has(line.label));
  const chart = new Chart(data, visible, options, { plot, tooltip, spoken });
  chart.follow(frame);
  return element('div', { class: 'series' }, renderLegend(data.series, options), frame);
}

function renderLegend(lines: readonly Line[], { palette, hidden, onToggle, focusKey }: SeriesOptions): HTMLElement {
  const items = lines.map((line) => {
    const swatch = withProperties(element('span', { class: 'swatch' }), { '--bar-colour': `var(${palette.colourOf(line)})` });
    const isShown = !hidden.has(line.label);
    const attributes = {
      type: 'button',
      class: 'legend-item',
      'aria-pressed': String(isShown),
      'data-focus': `${focusKey}:legend:${line.label}`,
      title: isShown ? `Hide ${line.label}` : `Show ${line.label}`,
      click: () => onToggle(line.label),
    };
    return element('li', {}, element('button', attributes, swatch, line.label, element('span', { class: 'legend-share' }, percent(line.share))));
  });
  return element('ul', { class: 'legend', 'aria-label': 'Shown in the chart' }, ...items);
}

interface Places {
  readonly plot: HTMLElement;
  readonly tooltip: HTMLElement;
  readonly spoken: HTMLElement;
}

class Chart {
  readonly #data: SeriesData;
  readonly #lines: readonly Line[];
  readonly #options: SeriesOptions;
  readonly #places: Places;
  #plot: uPlot | undefined;
  #index: number | undefined;

  constructor(data: SeriesData, lines: readonly Line[], options: SeriesOptions, places: Places) {
    this.#data = data;
    this.#lines = lines;
    this.#options = options;
    this.#places = places;
    places.plot.addEventListener('keydown', (event) => this.#onKey(event));
    places.plot.addEventListener('blur', () => this.#read(undefined));
  }

  /** Draws once the frame has a width, and again in the new size when that changes. */
  follow(frame: HTMLElement): void {
    const observer = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (!frame.isConnected) {
        observer.disconnect();
        this.#plot?.destroy();
      } else if (width > 0 && this.#plot === undefined) this.#plot = new uPlot(this.#plotOptions(width), this.#stacked(), this.#places.plot);
      else if (width > 0) this.#plot?.setSize({ width, height: HEIGHT });
    });
    observer.observe(frame);
  }

  /** The largest line lies at the bottom. uPlot paints in order, so the whole stack comes first and the bottom last. */
  #stacked(): uPlot.AlignedData {
    const sums = this.#data.starts.map(() => 0);
    const stacks = this.#lines.map((line) =>
      line.values.map((value, index) => {
        sums[index] = (sums[index] ?? 0) + toNumber(value);
        return sums[index] ?? 0;
      }),
    );
    // Bars are as far apart as they are many: an hour of a changed clock or a long month bends nothing.
    return [this.#data.starts.map((_, index) => index), ...stacks.reverse()];
  }

  #plotOptions(width: number): uPlot.Options {
    const count = this.#data.starts.length;
    const lines = [...this.#lines].reverse();
    const bars = uPlot.paths.bars?.({ size: [0.78, 44, 1] });
    return {
      width,
      height: HEIGHT,
      padding: [10, 26, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
      scales: { x: { time: false, range: [-0.5, count - 0.5] }, y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.05 : 1] } },
      axes: [this.#timeAxis(count), this.#amountAxis()],
      series: [
        {},
        ...lines.map((line) => {
          const fill = property(this.#options.palette.colourOf(line));
          return {
            label: line.label,
            fill,
            stroke: property('--card'),
            width: 1,
            points: { show: false },
            ...(bars !== undefined && { paths: bars }),
          };
        }),
      ],
      hooks: { setCursor: [(plot) => this.#read(plot.cursor.idx ?? undefined, plot.cursor.left)], setSelect: [(plot) => this.#pick(plot)] },
    };
  }

  #timeAxis(count: number): uPlot.Axis {
    const { starts, grain } = this.#data;
    return {
      stroke: property('--muted'),
      font: '12px system-ui, sans-serif',
      size: 34,
      grid: { show: false },
      ticks: { show: false },
      splits: (plot) => {
        const every = Math.max(1, Math.ceil((count * AXIS_LABEL_PX) / Math.max(plot.width - 60, 1)));
        // Counted from the last bar, so that the present always has its label.
        return starts.flatMap((_, index) => ((count - 1 - index) % every === 0 ? [index] : []));
      },
      values: (_plot, splits) => splits.map((index) => axisDate(starts[index] ?? 0, grain, this.#options.timeZone)),
    };
  }

  #amountAxis(): uPlot.Axis {
    return {
      stroke: property('--muted'),
      font: '12px system-ui, sans-serif',
      size: 56,
      space: 48,
      grid: { stroke: property('--grid'), width: 1 },
      ticks: { show: false },
      values: (_plot, splits) => splits.map((value) => axisAmount(value, this.#options.unit)),
    };
  }

  #onKey(event: KeyboardEvent): void {
    const last = this.#data.starts.length - 1;
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: Math.max(0, (this.#index ?? last + 1) - 1),
      ArrowRight: Math.min(last, (this.#index ?? -1) + 1),
      Home: 0,
      End: last,
    };
    const next = steps[event.key];
    if (event.key === 'Escape') this.#read(undefined);
    if (next === undefined || this.#plot === undefined) return;
    event.preventDefault();
    this.#plot.setCursor({ left: this.#plot.valToPos(next, 'x'), top: 0 }, false);
    this.#read(next, this.#plot.valToPos(next, 'x'));
    this.#places.spoken.textContent = this.#sentence(next);
  }

  #sentence(index: number): string {
    const { starts, grain } = this.#data;
    const parts = this.#rows(index).map(({ line, value }) => `${line.label} ${exactAmount(value, this.#options.unit)}`);
    return `${barTitle(starts[index] ?? 0, grain, this.#options.timeZone)}: ${parts.join(', ') || 'nothing'}`;
  }

  #rows(index: number): readonly { line: Line; value: SeriesData['total'] }[] {
    return this.#lines
      .map((line) => ({ line, value: line.values[index] ?? 0 }))
      .filter(({ value }) => toNumber(value) !== 0)
      .sort((a, b) => toNumber(b.value) - toNumber(a.value));
  }

  /** Shows the bar's figures beside it, on the side that has room. */
  #read(index: number | undefined, left = 0): void {
    const { tooltip, plot } = this.#places;
    this.#index = index;
    tooltip.hidden = index === undefined || left < 0;
    if (index === undefined || this.#plot === undefined || tooltip.hidden) return;
    tooltip.replaceChildren(...this.#tooltipRows(index));
    const centre = this.#plot.valToPos(index, 'x') + (this.#plot.over.offsetLeft ?? 0);
    const room = plot.clientWidth - tooltip.offsetWidth;
    const wanted = centre > plot.clientWidth / 2 ? centre - tooltip.offsetWidth - 18 : centre + 18;
    withProperties(tooltip, { left: `${Math.max(0, Math.min(room, wanted))}px` });
  }

  #tooltipRows(index: number): readonly HTMLElement[] {
    const { unit, palette, timeZone } = this.#options;
    const rows = this.#rows(index);
    const shown = rows.slice(0, TOOLTIP_ROWS).map(({ line, value }) => {
      const swatch = withProperties(element('span', { class: 'swatch' }), { '--bar-colour': `var(${palette.colourOf(line)})` });
      return element('div', { class: 'tooltip-row' }, swatch, element('span', {}, line.label), element('b', {}, exactAmount(value, unit)));
    });
    const sum =
      rows.length > 1
        ? exactTotal(
            rows.map(({ value }) => value),
            unit,
          )
        : undefined;
    if (sum !== undefined)
      shown.push(element('div', { class: 'tooltip-row is-total' }, element('span', {}), element('span', {}, 'together'), element('b', {}, sum)));
    const title = barTitle(this.#data.starts[index] ?? 0, this.#data.grain, timeZone);
    return [element('p', { class: 'tooltip-title' }, title), ...(shown.length === 0 ? [element('p', {}, 'Nothing was booked.')] : shown)];
  }

  #pick(plot: uPlot): void {
    if (plot.select.width < 8) return;
    const [first, last] = [plot.posToIdx(plot.select.left), plot.posToIdx(plot.select.left + plot.select.width)];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    const from = this.#data.starts[first];
    if (from !== undefined) this.#options.onPick(from, this.#data.starts[last + 1]);
  }
}
