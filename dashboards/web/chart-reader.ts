/** What every chart has in common: its frame, its size, and how it is read and picked from with a pointer, a finger or the keyboard. */
import uPlot from 'uplot';
import { element, withProperties } from './dom.ts';

const DRAG_MIN_PX = 8;
/** Between what is read and its figures. */
const TOOLTIP_GAP_PX = 18;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A chart that is read place by place, from 0 on. */
export interface ReadableChart {
  readonly count: number;
  /** Of the last place with figures: where the left arrow begins. */
  readonly lastKnown: number;
  /** Where a place lies on the axis of times. */
  xOf(index: number): number;
  draw(size: Size, hooks: uPlot.Hooks.Arrays): { readonly options: uPlot.Options; readonly data: uPlot.AlignedData };
  /** The figures of a place, as they stand beside it. */
  tooltip(index: number): readonly HTMLElement[];
  /** The same as a sentence. */
  sentence(index: number): string;
  /** A drag from one place to another. */
  onDrag(first: number, last: number): void;
  /** A click or Enter; without it, these do nothing. */
  onPick?(index: number): void;
}

export interface ChartFrame {
  /** What the chart is and shows, and how it is read. */
  readonly label: string;
  /** In pixels. */
  readonly height: number;
  readonly focusKey: string;
}

/** The frame in which the chart is drawn once it has a width, and again in the new size when that changes. */
export function renderChart(chart: ReadableChart, { label, height, focusKey }: ChartFrame): HTMLElement {
  const plot = element('div', { class: 'plot', tabindex: 0, role: 'group', 'data-focus': `${focusKey}:plot`, 'aria-label': label });
  const tooltip = element('div', { class: 'tooltip', hidden: true });
  const spoken = element('p', { class: 'visually-hidden', 'aria-live': 'polite' });
  const frame = withProperties(element('div', { class: 'plot-frame' }, plot, tooltip, spoken), { '--plot-height': `${height}px` });
  new ChartReader(chart, { plot, tooltip, spoken }).follow(frame);
  return frame;
}

interface Places {
  readonly plot: HTMLElement;
  readonly tooltip: HTMLElement;
  readonly spoken: HTMLElement;
}

class ChartReader {
  readonly #chart: ReadableChart;
  readonly #places: Places;
  #plot: uPlot | undefined;
  #index: number | undefined;
  #isDragged = false;

  constructor(chart: ReadableChart, places: Places) {
    this.#chart = chart;
    this.#places = places;
    places.plot.addEventListener('keydown', (event) => this.#onKey(event));
    places.plot.addEventListener('click', (event) => this.#onClick(event));
    places.plot.addEventListener('blur', () => this.#read(undefined));
  }

  follow(frame: HTMLElement): void {
    const observer = new ResizeObserver(([entry]) => {
      const size = { width: Math.floor(entry?.contentRect.width ?? 0), height: Math.floor(entry?.contentRect.height ?? 0) };
      if (!frame.isConnected) {
        observer.disconnect();
        this.#plot?.destroy();
      } else if (size.width > 0 && this.#plot === undefined) this.#plot = this.#draw(size);
      else if (size.width > 0) this.#plot?.setSize(size);
    });
    observer.observe(frame);
  }

  #draw(size: Size): uPlot {
    const { options, data } = this.#chart.draw(size, {
      setCursor: [(plot) => this.#read(plot.cursor.idx ?? undefined, plot.cursor.left)],
      setSelect: [(plot) => this.#onSelect(plot)],
    });
    return new uPlot(options, data, this.#places.plot);
  }

  #onKey(event: KeyboardEvent): void {
    const last = this.#chart.count - 1;
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: Math.max(0, (this.#index ?? this.#chart.lastKnown + 1) - 1),
      ArrowRight: Math.min(last, (this.#index ?? -1) + 1),
      Home: 0,
      End: last,
    };
    if (event.key === 'Escape') this.#read(undefined);
    if (event.key === 'Enter' && this.#index !== undefined) this.#chart.onPick?.(this.#index);
    const next = steps[event.key];
    if (next === undefined || this.#plot === undefined) return;
    event.preventDefault();
    const left = this.#plot.valToPos(this.#chart.xOf(next), 'x');
    this.#plot.setCursor({ left, top: 0 }, false);
    this.#read(next, Math.max(0, left));
    this.#places.spoken.textContent = this.#chart.sentence(next);
  }

  /** A tap of a finger only reads: it is the only way to. */
  #onClick(event: MouseEvent): void {
    const isFinger = event instanceof PointerEvent && event.pointerType !== 'mouse';
    if (!this.#isDragged && !isFinger && this.#index !== undefined) this.#chart.onPick?.(this.#index);
    this.#isDragged = false;
  }

  #onSelect(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < DRAG_MIN_PX) return;
    this.#isDragged = true;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#chart.onDrag(plot.posToIdx(left), plot.posToIdx(left + width));
  }

  /** Shows the figures of a place where there is room beside it. `left`: of the pointer within the drawing; negative when it has left it. */
  #read(index: number | undefined, left = 0): void {
    const { tooltip, plot } = this.#places;
    this.#index = left < 0 ? undefined : index;
    tooltip.hidden = this.#index === undefined;
    if (index === undefined || this.#plot === undefined || tooltip.hidden) return;
    tooltip.replaceChildren(...this.#chart.tooltip(index));
    const center = this.#plot.valToPos(this.#chart.xOf(index), 'x') + this.#plot.over.offsetLeft;
    const room = plot.clientWidth - tooltip.offsetWidth;
    const wanted = center > plot.clientWidth / 2 ? center - tooltip.offsetWidth - TOOLTIP_GAP_PX : center + TOOLTIP_GAP_PX;
    withProperties(tooltip, { left: `${Math.max(0, Math.min(room, wanted))}px` });
  }
}
