/**
 * Two labels as rows and columns, the value as color. Grafana's own heat map needs time on its axis; a table whose cells are colored shows
 * instant data in every version.
 */
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import type { Drawing } from '../drawing.ts';
import { capitalized } from '../target.ts';

/** Labels whose values are known beforehand, in order, with the words for them. The order in which values come from Prometheus is none. */
const KNOWN: Readonly<Record<string, readonly (readonly [value: string, words: string])[]>> = {
  weekday: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'].map((day, index) => [String(index + 1), day]),
  hour: Array.from({ length: 24 }, (_, hour) => [String(hour).padStart(2, '0'), String(hour).padStart(2, '0')]),
};

/** Grafana's own least width of a column would put most hours of a day out of sight. */
const NARROW_PIXELS = 36;

export function heatmapBuilder(drawing: Drawing): TableBuilder {
  const [row = '', column = ''] = drawing.by;
  /** What Grafana calls the corner. */
  const corner = `${row}\\${column}`;
  const title = capitalized(row);
  const order = [corner, ...(KNOWN[column] ?? []).map(([value]) => value)].map((name, index) => [name, index] as const);
  return new TableBuilder()
    .targets([...drawing.asks.table])
    .transformations([
      { id: 'groupingToMatrix', options: { columnField: column, rowField: row, valueField: 'Value', emptyValue: 'null' } },
      { id: 'organize', options: { excludeByName: {}, indexByName: Object.fromEntries(order), renameByName: { [corner]: title } } },
      { id: 'sortBy', options: { fields: {}, sort: [{ field: title }] } },
    ])
    .cellHeight(common.TableCellHeight.Sm)
    .align(common.FieldTextAlignment.Center)
    .minWidth(NARROW_PIXELS)
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.ContinuousBlues))
    .cellOptions({ type: common.TableCellDisplayMode.ColorBackground, mode: common.TableCellBackgroundDisplayMode.Basic })
    .overrideByName(title, [
      { id: 'custom.cellOptions', value: { type: 'auto' } },
      { id: 'custom.align', value: 'left' },
      { id: 'custom.width', value: 110 },
      { id: 'mappings', value: [{ type: 'value', options: wordsOf(row) }] },
    ]);
}

const wordsOf = (label: string): Record<string, { text: string; index: number }> =>
  Object.fromEntries((KNOWN[label] ?? []).map(([value, text], index) => [value, { text, index }]));
