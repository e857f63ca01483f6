/** Declarations of boards and panels (catalog/panel.ts) as answers have them. */
import { z } from 'zod';
import { VARIABLES } from '../../catalog/board-variables.ts';
import { FIGURE_NAMES } from '../../catalog/figures.ts';
import { GAUGE_NAMES } from '../../catalog/gauges.ts';
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import type { Board, Panel } from '../../catalog/panel.ts';

export const unitSchema = z
  .enum(['usd', 'tokens', 'ms', 'count', 'ratio', 'seconds', 'timestamp'])
  .describe('ratio: 0 to 1; timestamp: Unix seconds.')
  .meta({ id: 'PanelUnit' });

const windowSchema = z
  .enum(['today', 'this_week', 'this_month', 'last_month', 'last_month_to_date', 'ever', 'range', 'previous_range'])
  .describe('range: the time range that was asked for; previous_range: the time before that it is compared with.');

const dimensions = z.array(z.enum(DIMENSION_NAMES)).readonly();
const ledgerQuery = z.object({
  source: z.literal('ledger'),
  figures: z.array(z.enum(FIGURE_NAMES)).readonly(),
  by: dimensions,
  window: windowSchema,
  where: z
    .array(z.object({ dimension: z.enum(DIMENSION_NAMES), values: z.array(z.string()).readonly(), not: z.literal(true).exactOptional() }))
    .readonly()
    .exactOptional(),
  grain: z.enum(['hour', 'day']).exactOptional(),
  top: z.number().exactOptional(),
  summary: z.enum(['sum', 'distinct', 'absent_share']).exactOptional(),
  versus: windowSchema.exactOptional(),
});

const words = z.record(z.string(), z.string());
const gaugeQuery = z.object({
  source: z.literal('gauge'),
  gauges: z.array(z.enum(GAUGE_NAMES)).readonly(),
  by: z.array(z.string()).readonly(),
  where: words.exactOptional(),
  whereNot: words.exactOptional(),
  reduce: z.enum(['sum', 'max', 'min', 'one']),
  top: z.number().exactOptional(),
  least: z.literal(true).exactOptional(),
  each: z.object({ label: z.string(), values: z.array(z.tuple([z.string(), z.string()]).readonly()).readonly() }).exactOptional(),
  as: z.literal('age').exactOptional(),
  window: z.literal('this_month').exactOptional(),
  grain: z.literal('day').exactOptional(),
});

const selfQuery = z.object({
  source: z.literal('self'),
  series: z.string(),
  by: z.array(z.string()).readonly(),
  where: words.exactOptional(),
  kind: z.enum(['counter', 'gauge', 'p99']),
});

export const panelSchema: z.ZodType<Panel> = z
  .object({
    id: z.string(),
    title: z.string(),
    description: z.string().describe('What it counts and what it does not.'),
    visualization: z.enum(['stat', 'bars', 'timeseries', 'lines', 'table', 'heatmap', 'text', 'cumulative', 'budgets']),
    unit: unitSchema,
    query: z.union([ledgerQuery, gaugeQuery, selfQuery]),
    thresholds: z.tuple([z.number(), z.number()]).readonly().exactOptional(),
    empty: z.string().exactOptional().describe('Said when there is nothing to show.'),
    opens: z.string().exactOptional().describe('Board that a row opens.'),
    width: z.number(),
    height: z.number(),
  })
  .meta({ id: 'Panel' });

export const boardSchema: z.ZodType<Board> = z
  .object({
    id: z.string(),
    title: z.string(),
    description: z.string(),
    variables: z.array(z.enum(VARIABLES)).readonly().describe('What the board in Grafana can be narrowed by.'),
    rows: z
      .array(
        z.object({
          title: z.string(),
          now: z.literal(true).exactOptional().describe('Its panels show the present, whatever time range was asked for.'),
          panels: z.array(panelSchema).readonly(),
        }),
      )
      .readonly(),
    annotations: z
      .array(z.object({ id: z.string(), title: z.string(), gauge: z.enum(GAUGE_NAMES), labels: z.array(z.string()).readonly() }))
      .readonly()
      .exactOptional(),
  })
  .meta({ id: 'Board' });
