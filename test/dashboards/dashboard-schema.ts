/** What Grafana needs of a classic dashboard to load it without a click, as far as the boards use it. */
import { z } from 'zod';

const datasource = z.object({ type: z.literal('prometheus'), uid: z.literal(`\${datasource}`) });

const target = z.object({
  refId: z.string().regex(/^[A-Z]+$/),
  expr: z.string().min(1),
  datasource,
  format: z.enum(['time_series', 'table']),
  legendFormat: z.string(),
  instant: z.boolean().optional(),
  range: z.boolean().optional(),
  interval: z.enum(['1h', '1d']).optional(),
});

const link = z.object({ title: z.string().min(3), url: z.string().startsWith('/d/ledgerline-') });

const gridPos = z.object({ x: z.int().min(0).max(23), y: z.int().min(0), w: z.int().min(1).max(24), h: z.int().min(1) });

const row = z.object({ id: z.int().positive(), type: z.literal('row'), title: z.string().min(1), gridPos, collapsed: z.boolean() });

const fieldConfig = z.object({
  defaults: z.object({
    unit: z.enum(['currencyUSD', 'short', 'ms', 's', 'percentunit', 'dateTimeAsIso']),
    noValue: z.string().min(1),
    min: z.number().optional(),
    links: z.array(link).optional(),
  }),
  overrides: z.array(
    z.object({
      matcher: z.object({ id: z.enum(['byName', 'byFrameRefID', 'byRegexp']), options: z.string() }),
      properties: z.array(z.object({ id: z.string(), value: z.unknown() })),
    }),
  ),
});

const panel = z.object({
  id: z.int().positive(),
  type: z.enum(['stat', 'bargauge', 'timeseries', 'table', 'text']),
  title: z.string().min(1),
  description: z.string().min(20),
  gridPos,
  datasource,
  targets: z.array(target).default([]),
  transformations: z.array(z.object({ id: z.enum(['merge', 'organize', 'groupingToMatrix', 'sortBy']), options: z.object({}) })).optional(),
  options: z.unknown(),
  fieldConfig,
});

/** The editor of Prometheus' variables shows a query of the kind 1, label values, as the series, the label and the filters that it was made of. */
const LABEL_VALUES = /^label_values\(ledgerline_\w+(?:\{(?:[^{}]|\$\{\w+:regex\})+\})?,[a-z_]+\)$/;
const variable = z.discriminatedUnion('type', [
  z.object({ name: z.string(), type: z.literal('datasource'), label: z.string().min(2), query: z.literal('prometheus') }),
  z.object({
    name: z.string(),
    type: z.literal('query'),
    label: z.string().min(2),
    query: z.object({
      qryType: z.literal(1),
      query: z.string().regex(LABEL_VALUES),
      refId: z.literal('PrometheusVariableQueryEditor-VariableQuery'),
    }),
    definition: z.string().regex(LABEL_VALUES),
    multi: z.boolean().optional(),
    includeAll: z.boolean().optional(),
    allValue: z.string().optional(),
  }),
]);
/** In sight above the panels, not in a menu. */
const placement = z.undefined().optional();

const annotation = z.object({
  name: z.string().min(1),
  datasource,
  enable: z.boolean(),
  placement,
  iconColor: z.string(),
  textFormat: z.string(),
  useValueForTime: z.literal(true),
  target: z.object({ refId: z.literal('Anno'), expr: z.string() }),
});

export const dashboardSchema = z.object({
  uid: z
    .string()
    .max(40)
    .regex(/^ledgerline-[a-z]+$/),
  title: z.string().startsWith('Ledgerline / '),
  description: z.string().min(20),
  schemaVersion: z.literal(42),
  editable: z.literal(true),
  tags: z.tuple([z.literal('ledgerline')]),
  timezone: z.string().min(3),
  time: z.object({ from: z.literal('now-30d'), to: z.literal('now') }),
  templating: z.object({ list: z.array(variable) }),
  annotations: z.object({ list: z.array(annotation) }),
  links: z.tuple([
    z.object({ type: z.literal('dashboards'), asDropdown: z.literal(true), includeVars: z.literal(true), keepTime: z.literal(true), placement }),
  ]),
  panels: z.array(z.union([row, panel])),
});

export const linksSchema = z.array(link);

export type DashboardModel = z.output<typeof dashboardSchema>;
export type DrawnPanel = z.output<typeof panel>;
