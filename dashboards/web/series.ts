/** A chart over time with its legend. The pointer, a finger or the arrow keys read one bar; a drag, a click or Enter looks closer. */
import type { Thresholds } from '../../collector/catalog/panel.ts';
import type { AnnotationData, SeriesData } from '../../collector/query/boards/panel-data.ts';
import { type Drawing, plotData, plotOptions } from './chart.ts';
import { type ReadableChart, renderChart } from './chart-reader.ts';
import { element, withProperties } from './dom.ts';
import { marksIn, marksOf, markTime } from './exact.ts';
import { barTitle, exactAmount, percent, shortAmount, toNumber, totalAmount } from './format.ts';
import type { Palette } from './palette.ts';
import { restWords } from './row-words.ts';

export interface SeriesOptions {
  readonly title: string;
  readonly timeZone: string;
  readonly palette: Palette;
  /** Stacked bars of sums; otherwise lines. */
  readonly isStacked: boolean;
  readonly thresholds: Thresholds | undefined;
  readonly annotations: readonly AnnotationData[];
  readonly nowSeconds: number;
  readonly height: number;
  readonly hidden: ReadonlySet<string>;
  readonly onToggle: (label: string) => void;
  /** Shows every row, as a table. */
  readonly onAll: () => void;
  /** Where the first bar begins and where the one after the last does, epoch seconds; undefined: none comes after it. */
  readonly onPick: (from: number, next: number | undefined) => void;
  readonly focusKey: string;
}

type Line = SeriesData['series'][number];

const TOOLTIP_ROWS = 10;

export function renderSeries(data: SeriesData, options: SeriesOptions): HTMLElement {
  const total = data.total === null ? '' : `, total ${exactAmount(data.total, data.unit)}`;
  const label = `${options.title}${total}. Use the left and right arrow keys to read the chart, and Enter to zoom in.`;
  const frame = renderChart(new Chart(data, options), { label, height: options.height, focusKey: options.focusKey });
  return element('div', { class: 'series' }, renderLegend(data, options), frame);
}

function renderLegend(data: SeriesData, options: SeriesOptions): HTMLElement {
  const { series, unit } = data;
  const { palette, hidden, onToggle, onAll, focusKey } = options;
  const items = series.map((line) => {
    const swatch = withProperties(element('span', { class: 'swatch' }), { '--bar-color': `var(${palette.colorOf(line)})` });
    const isShown = !hidden.has(line.label);
    const share = line.share === null ? shortAmount(line.total, unit, options.timeZone) : percent(line.share);
    const figure = line.rest !== undefined && !isShown ? `${share}, not drawn` : share;
    const attributes = {
      type: 'button',
      class: 'legend-item',
      'aria-pressed': String(isShown),
      'data-focus': `${focusKey}:legend:${line.label}`,
      title: `${isShown ? 'Hide' : 'Show'} ${line.label}${line.total === null ? '' : ` (${exactAmount(line.total, unit, options.timeZone)})`}`,
      click: () => onToggle(line.label),
    };
    return element(
      'li',
      {},
      element(
        'button',
        attributes,
        swatch,
        element('span', { class: 'legend-name' }, line.rest === undefined ? line.label : `${line.label}: ${restWords(line.rest, series)}`),
        line.total !== null && element('span', { class: 'legend-share' }, figure),
      ),
    );
  });
  const marks = marksOf(data, options.annotations, options.nowSeconds);
  const hasRest = series.some(({ rest }) => rest !== undefined);
  const all = element('button', { type: 'button', class: 'link-button is-small', 'data-focus': `${focusKey}:all`, click: onAll }, 'All as a table');
  return element(
    'ul',
    { class: 'legend', 'aria-label': 'Shown in the chart' },
    ...items,
    hasRest && element('li', {}, all),
    marks.length > 0 && renderMarks(marks, options.timeZone),
  );
}

/** The marks in words, for whoever does not hit a line of one pixel with a pointer. */
function renderMarks(marks: ReturnType<typeof marksOf>, timeZone: string): HTMLElement {
  const titles = [...new Set(marks.map(({ title }) => title))].join(', ');
  const lines = marks.map(({ at, text }) => element('li', {}, element('b', {}, markTime(at, timeZone)), ` ${text}`));
  return element(
    'li',
    {},
    element(
      'details',
      { class: 'marks' },
      element('summary', { class: 'legend-item' }, element('span', { class: 'swatch is-mark' }), `${titles}: ${marks.length}`),
      element('ul', {}, ...lines),
    ),
  );
}

class Chart implements ReadableChart {
  readonly #data: SeriesData;
  readonly #drawing: Drawing;
  readonly #options: SeriesOptions;

  constructor(data: SeriesData, options: SeriesOptions) {
    this.#data = data;
    this.#options = options;
    this.#drawing = { ...options, data, lines: data.series.filter((line) => !options.hidden.has(line.label)) };
  }

  get count(): number {
    return this.#data.starts.length;
  }

  get lastKnown(): number {
    return this.count - 1;
  }

  /** Bars are as far apart as they are many, see plotData. */
  xOf(index: number): number {
    return index;
  }

  draw: ReadableChart['draw'] = (size, hooks) => ({ options: plotOptions(this.#drawing, size, hooks), data: plotData(this.#drawing) });

  sentence(index: number): string {
    const { starts, grain, unit } = this.#data;
    const parts = this.#rows(index).map(({ line, value }) => `${line.label} ${exactAmount(value, unit)}`);
    const marks = marksIn(this.#data, index, this.#options.annotations);
    return `${barTitle(starts[index] ?? 0, grain, this.#options.timeZone)}: ${[...parts, marks].filter((part) => part !== '').join(', ') || 'nothing'}`;
  }

  tooltip(index: number): readonly HTMLElement[] {
    const { unit, starts, grain } = this.#data;
    const rows = this.#rows(index);
    const shown = rows.slice(0, TOOLTIP_ROWS).map(({ line, value }) => this.#tooltipRow(line, shortAmount(value, unit)));
    if (this.#options.isStacked && rows.length > 1) {
      const sum = totalAmount(
        rows.map(({ value }) => value),
        unit,
      );
      shown.push(
        element(
          'div',
          { class: 'tooltip-row is-total' },
          element('span', {}),
          element('span', {}, this.#options.hidden.size > 0 ? 'shown, together' : 'together'),
          element('b', {}, shortAmount(sum, unit)),
        ),
      );
    }
    const title = element('p', { class: 'tooltip-title' }, barTitle(starts[index] ?? 0, grain, this.#options.timeZone));
    const marks = marksIn(this.#data, index, this.#options.annotations);
    const body = shown.length === 0 ? [element('p', {}, 'Nothing here.')] : shown;
    return marks === '' ? [title, ...body] : [title, ...body, element('p', { class: 'tooltip-marks' }, marks)];
  }

  #tooltipRow(line: Line, amount: string): HTMLElement {
    const swatch = withProperties(element('span', { class: 'swatch' }), { '--bar-color': `var(${this.#options.palette.colorOf(line)})` });
    return element('div', { class: 'tooltip-row' }, swatch, element('span', {}, line.label), element('b', {}, amount));
  }

  onPick(index: number): void {
    this.onDrag(index, index);
  }

  /** Bars of an hour are the finest there are. */
  onDrag(first: number, last: number): void {
    const from = this.#data.starts[first];
    if (from === undefined || (first === last && this.#data.grain === 'hour')) return;
    this.#options.onPick(from, this.#data.starts[last + 1]);
  }

  /** What the bar holds, largest first. In a stack nothing is not worth a line; on a line zero is a figure. */
  #rows(index: number): readonly { line: Line; value: string | number }[] {
    return this.#drawing.lines
      .flatMap((line) => {
        const value = line.values[index] ?? null;
        return value === null || (this.#options.isStacked && toNumber(value) === 0) ? [] : [{ line, value }];
      })
      .sort((a, b) => toNumber(b.value) - toNumber(a.value));
  }
}
