/**
 * What a panel shows, as the page draws it and REST answers it. Amounts are exact (decimal strings for money), labels are
 * telemetry's and must be shown as text only. Which field is set follows from what there is to show: a panel of words has none.
 */
import { z } from 'zod';
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import { GRAINS } from '../../core/calendar.ts';
import { type AnswerOf, amountSchema, cellSchema } from '../answer-schemas.ts';
import { unitSchema } from './board-schemas.ts';
import { budgetBarsSchema } from './budget-bars-data.ts';
import { cumulativeSchema } from './cumulative-data.ts';

export type PanelUnit = AnswerOf<typeof unitSchema>;

const figureSchema = amountSchema.nullable().describe('Null where there is no such figure, such as a ratio with nothing to divide by. Never zero.');
export type Figure = AnswerOf<typeof figureSchema>;

const filterSchema = z.object({ dimension: z.enum(DIMENSION_NAMES), value: z.string().describe('As shown ("unallocated", "none").') });
/** What to narrow a board by to see only this row. */
export type RowFilter = AnswerOf<typeof filterSchema>;

/** What a row, a bar or a line is about. */
const rowShape = {
  label: z.string(),
  filters: z.array(filterSchema).describe('Empty where there is nothing to narrow by: for figures, for the rest, for labels that are no dimension.'),
  rest: z.number().exactOptional().describe('On the row that stands for values beyond the largest: how many they are.'),
  unbooked: z.literal(true).exactOptional().describe('The filters name it, but there need be no record of it: a model of a price list.'),
  session: z.string().exactOptional().describe('On rows about one session.'),
  absent: z.boolean().describe('Is the value not known?'),
};
const labelSchema = z.object(rowShape);
export type RowLabel = AnswerOf<typeof labelSchema>;

const statSchema = z.object({
  value: figureSchema,
  unit: unitSchema,
  previous: figureSchema.describe(
    'The same figure over the same elapsed part of the period before; null when there is none, or the ledger does not know all of it.',
  ),
  trend: z
    .array(figureSchema)
    .describe('The course of the figure inside its window, one for each hour or day, null where it is not known. Only of sums; otherwise empty.'),
});
export type StatData = AnswerOf<typeof statSchema>;

const barSchema = z.object({
  ...rowShape,
  value: figureSchema,
  share: z.number().nullable().describe('Of the total of the panel, 0 to 1; null where the bars are no parts of a whole.'),
});
export type BarRow = AnswerOf<typeof barSchema>;

const barsSchema = z.object({
  unit: unitSchema,
  rows: z.array(barSchema).describe('Largest first, the rest last.'),
  total: figureSchema.describe('Null where the bars are no parts of a whole.'),
});
export type BarsData = AnswerOf<typeof barsSchema>;

const lineSchema = z.object({
  ...rowShape,
  share: z.number().nullable(),
  total: figureSchema.describe('The figure over the whole time range.'),
  values: z.array(figureSchema).describe('One for each start. Null: no point there.'),
});
export type SeriesLine = AnswerOf<typeof lineSchema>;

const seriesSchema = z.object({
  unit: unitSchema,
  grain: z.enum(GRAINS),
  starts: z.array(z.number()).describe('Start of each bar, epoch seconds. Every bar of the time range is there, also the empty ones.'),
  series: z.array(lineSchema).describe('Largest first, the rest last.'),
  total: figureSchema,
});
export type SeriesData = AnswerOf<typeof seriesSchema>;

const columnSchema = z.object({
  key: z.string(),
  title: z.string(),
  unit: z.union([unitSchema, z.literal('label')]).describe('label: text that names the row; otherwise the unit of its figures.'),
  isSum: z.literal(true).exactOptional().describe('The whole is the sum of the rows.'),
  isChange: z.literal(true).exactOptional().describe('The column holds a change, this window less the other: show its sign.'),
});
export type TableColumn = AnswerOf<typeof columnSchema>;

const { label: _, ...rowOfTable } = rowShape;
const tableRowSchema = z.object({
  ...rowOfTable,
  cells: z.array(cellSchema).describe('In the order of the columns: labels are strings.'),
  opens: z.string().describe('Board to open, narrowed by the filters.'),
});
export type TableRow = AnswerOf<typeof tableRowSchema>;

const tableSchema = z.object({
  columns: z.array(columnSchema).describe('Labels first, then figures.'),
  rows: z.array(tableRowSchema).describe('By the first figure, largest first, unless asked for in another order; the rest last.'),
  totals: z.array(figureSchema).describe('The whole, in the order of the columns; null for labels and where there is no whole.'),
  found: z
    .object({
      of: z.number().int().nonnegative().describe('Rows of the whole table.'),
      totals: z.array(figureSchema).describe('Of the rows found, in the order of the columns; null for labels and for figures that do not add up.'),
    })
    .exactOptional()
    .describe('Where rows were searched for.'),
  page: z
    .object({
      first: z.number().int().nonnegative().describe('Number of its first row, from 1; 0 where there is none.'),
      count: z.number().int().nonnegative().describe('Rows found, on all pages.'),
    })
    .exactOptional()
    .describe('Where the rows are a page, or may be: on boards, and where a panel was asked for as a table.'),
});
export type TableData = AnswerOf<typeof tableSchema>;

const heatmapSchema = z.object({
  unit: unitSchema,
  rowTitle: z.string(),
  columnTitle: z.string(),
  rows: z.array(z.string()),
  columns: z.array(z.string()),
  values: z.array(z.array(figureSchema)).describe('values[row][column]; null: nothing there.'),
});
export type HeatmapData = AnswerOf<typeof heatmapSchema>;

export const panelDataSchema = z
  .object({
    id: z.string(),
    title: z.string().describe('The declared title, or what fits the width of the bars over time.'),
    hidden: z.literal(true).exactOptional().describe('It is about the whole ledger or the collector itself, and who asks sees part of the ledger.'),
    empty: z.string().exactOptional().describe('What to say where there is nothing to show, instead of what the panel declares.'),
    filtered: z.literal(true).exactOptional().describe('Something is there, but the filters hide it.'),
    note: z.string().exactOptional().describe('Why figures are missing, such as those of a time before the ledger began.'),
    stat: statSchema.exactOptional(),
    bars: barsSchema
      .exactOptional()
      .describe('Also of the own counters of the collector that Grafana shows over time: here they are counted since the collector started.'),
    series: seriesSchema.exactOptional(),
    table: tableSchema.exactOptional(),
    heatmap: heatmapSchema.exactOptional(),
    cumulative: cumulativeSchema.exactOptional(),
    budgets: budgetBarsSchema.exactOptional(),
  })
  .meta({ id: 'PanelData' });
export type PanelData = AnswerOf<typeof panelDataSchema>;

const markSchema = z.object({ at: z.number().describe('Epoch seconds.'), text: z.string() });
/** A mark on the time axes of a board. Telemetry's words are among them: text only. */
export type AnnotationMark = AnswerOf<typeof markSchema>;

export const annotationDataSchema = z.object({ id: z.string(), title: z.string(), marks: z.array(markSchema) });
export type AnnotationData = AnswerOf<typeof annotationDataSchema>;
