/** Panels over gauges (figures at an instant, collector/query/gauges/registry.ts), over the collector's own series, and panels of words. */

import { GAUGES, type GaugeDeclaration, type GaugeName } from '../../collector/catalog/gauges.ts';
import type { Each, GaugeQuery, Panel, SelfQuery, Thresholds } from '../../collector/catalog/panel.ts';
import { kebab } from '../../collector/catalog/titles.ts';

export interface GaugePanel {
  readonly id?: string;
  readonly title: string;
  /** Added to what the gauge says of itself. */
  readonly note?: string;
  readonly by?: readonly string[];
  readonly where?: Readonly<Record<string, string>>;
  readonly whereNot?: GaugeQuery['whereNot'];
  readonly reduce?: GaugeQuery['reduce'];
  readonly top?: number;
  readonly least?: true;
  readonly each?: Each;
  readonly as?: 'age';
  readonly thresholds?: Thresholds;
  readonly empty?: string;
  readonly opens?: string;
  readonly width: number;
  readonly height?: number;
}

function panelOf(gauges: readonly GaugeName[], visualization: Panel['visualization'], height: number, options: GaugePanel): Panel {
  const { by = [], top, where, whereNot, least, each, as, title, note, thresholds, empty, opens, width } = options;
  const [first] = gauges;
  if (first === undefined) throw new Error(`Panel ${title}: names no gauge.`);
  const declared = gauges.map((name): GaugeDeclaration => GAUGES[name]);
  const { reduce = declared.some(({ isOfSelection }) => isOfSelection === true) ? 'one' : 'sum' } = options;
  const texts = declared.map(({ help }) => help);
  return {
    id: options.id ?? kebab(first, ...by),
    title,
    description: [...texts, note].filter(Boolean).join(' '),
    visualization,
    unit: as === 'age' ? 'seconds' : GAUGES[first].unit,
    query: {
      source: 'gauge',
      gauges,
      by,
      reduce,
      ...(where !== undefined && { where }),
      ...(whereNot !== undefined && { whereNot }),
      ...(top !== undefined && { top }),
      ...(least !== undefined && { least }),
      ...(each !== undefined && { each }),
      ...(as !== undefined && { as }),
      ...(declared.every(({ isOfMonth }) => isOfMonth === true) && { window: 'this_month' as const }),
      ...(visualization === 'lines' || visualization === 'timeseries' ? { grain: 'day' as const } : {}),
    },
    width,
    height: options.height ?? height,
    ...(thresholds !== undefined && { thresholds }),
    ...(empty !== undefined && { empty }),
    ...(opens !== undefined && { opens }),
  };
}

/** These values of a label, in this order, under their own names. */
export const inOrder = (label: string, values: readonly string[]): Each => ({ label, values: values.map((value) => [value, value]) });

export const gaugeStat = (gauge: GaugeName, options: GaugePanel): Panel => panelOf([gauge], 'stat', 4, options);
export const gaugeBars = (gauge: GaugeName, options: GaugePanel): Panel => panelOf([gauge], 'bars', 9, options);
/** Each budget on a track; what is told apart is its key. */
export const budgetTrack = (options: Omit<GaugePanel, 'by' | 'reduce'>): Panel =>
  panelOf(['budget_used_ratio'], 'budgets', 9, { by: ['budget'], reduce: 'max', thresholds: [0.8, 1], ...options });
export const gaugeTable = (gauges: readonly GaugeName[], options: GaugePanel): Panel => panelOf(gauges, 'table', 10, options);
export const gaugeHeatmap = (gauge: GaugeName, options: GaugePanel): Panel => panelOf([gauge], 'heatmap', 9, options);
export const gaugeLines = (gauge: GaugeName, options: GaugePanel): Panel => panelOf([gauge], 'lines', 9, options);

export interface SelfPanel {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly series: string;
  readonly kind: SelfQuery['kind'];
  readonly by?: readonly string[];
  readonly visualization?: 'stat' | 'bars';
  readonly unit?: Panel['unit'];
  readonly thresholds?: Thresholds;
  readonly empty?: string;
  readonly width: number;
  readonly height?: number;
}

export function selfPanel({ id, title, description, series, kind, by = [], visualization = 'stat', unit = 'count', ...rest }: SelfPanel): Panel {
  const height = rest.height ?? (visualization === 'stat' ? 4 : 8);
  return { id, title, description, visualization, unit, query: { source: 'self', series, by, kind }, empty: 'Nothing yet.', ...rest, height };
}

/** Words only: what a board's figures cannot say. */
export const textPanel = (options: { id: string; title: string; text: string; width: number; height: number }): Panel => ({
  id: options.id,
  title: options.title,
  description: options.text,
  visualization: 'text',
  unit: 'count',
  query: { source: 'gauge', gauges: [], by: [], reduce: 'sum' },
  width: options.width,
  height: options.height,
});
