/** The exact figures behind a drawing, as a table: also what a screen reader reads instead of the drawing. */
import type {
  AnnotationData,
  AnnotationMark,
  BarsData,
  HeatmapData,
  PanelData,
  SeriesData,
  TableData,
} from '../../collector/query/boards/panel-data.ts';
import { barTitle, instant } from './format.ts';
import { rowName } from './heatmap.ts';

/** Undefined for what is a table already, or a single figure. */
export function exactTable(data: PanelData, timeZone: string, annotations: readonly AnnotationData[]): TableData | undefined {
  if (data.series !== undefined) return seriesTable(data.series, timeZone, annotations);
  if (data.heatmap !== undefined) return heatmapTable(data.heatmap);
  return data.bars === undefined ? undefined : barsTable(data.bars);
}

/** As the file has it: what is easily sorted, and read out with both names. */
const heatmapTable = ({ rowTitle, columnTitle, unit, rows, columns, values }: HeatmapData): TableData => ({
  columns: [
    { key: 'row', title: rowTitle, unit: 'label' },
    { key: 'column', title: columnTitle, unit: 'label' },
    { key: 'value', title: 'Amount', unit },
  ],
  rows: rows.flatMap((row, down) =>
    columns.map((column, across) => ({
      filters: [],
      absent: false,
      opens: '',
      cells: [rowName(row, rowTitle), column, values[down]?.[across] ?? null],
    })),
  ),
  totals: [],
});

function barsTable({ rows, unit, total }: BarsData): TableData {
  const hasShares = rows.some(({ share }) => share !== null);
  return {
    columns: [
      { key: 'label', title: 'Name', unit: 'label' },
      { key: 'value', title: 'Amount', unit },
      ...(hasShares ? [{ key: 'share', title: 'Share', unit: 'ratio' } as const] : []),
    ],
    rows: rows.map((row) => ({
      filters: [],
      absent: row.absent,
      opens: '',
      ...(row.rest !== undefined && { rest: row.rest }),
      cells: [row.label, row.value, ...(hasShares ? [row.share] : [])],
    })),
    totals: [null, total, ...(hasShares ? [null] : [])],
  };
}

/** The newest first. */
function seriesTable(data: SeriesData, timeZone: string, annotations: readonly AnnotationData[]): TableData {
  const marks = data.starts.map((_, index) => marksIn(data, index, annotations));
  const hasMarks = marks.some((text) => text !== '');
  const rows = data.starts.map((start, index) => ({
    filters: [],
    absent: false,
    opens: '',
    cells: [
      barTitle(start, data.grain, timeZone),
      ...(hasMarks ? [marks[index] ?? ''] : []),
      ...data.series.map((line) => line.values[index] ?? null),
    ],
  }));
  return {
    columns: [
      { key: 'start', title: 'Start', unit: 'label' },
      ...(hasMarks ? [{ key: 'marks', title: 'Annotation', unit: 'label' } as const] : []),
      ...data.series.map((line, index) => ({ key: String(index), title: line.label, unit: data.unit })),
    ],
    rows: rows.reverse(),
    totals: [null, ...(hasMarks ? [null] : []), ...data.series.map((line) => line.total)],
  };
}

/** What is marked within one bar, in words. */
export function marksIn({ starts }: SeriesData, index: number, annotations: readonly AnnotationData[]): string {
  const from = starts[index] ?? 0;
  const to = starts[index + 1] ?? Number.POSITIVE_INFINITY;
  const within = annotations.flatMap(({ title, marks }) => marks.filter(({ at }) => at >= from && at < to).map(({ text }) => `${title}: ${text}`));
  return within.join('; ');
}

/** Every mark of the time range that a chart covers, oldest first. */
export function marksOf(
  { starts }: SeriesData,
  annotations: readonly AnnotationData[],
  nowSeconds: number,
): readonly (AnnotationMark & { title: string })[] {
  const [first = 0] = starts;
  return annotations
    .flatMap(({ title, marks }) => marks.map((mark) => ({ ...mark, title })))
    .filter(({ at }) => at >= first && at <= nowSeconds)
    .sort((a, b) => a.at - b.at);
}

export const markTime = (at: number, timeZone: string): string => instant(new Date(at * 1000).toISOString(), timeZone);
