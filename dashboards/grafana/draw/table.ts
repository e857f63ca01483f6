/** Rows and columns: labels, then figures. */
import * as common from '@grafana/grafana-foundation-sdk/common';
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import type { Column } from '../column.ts';
import { type Drawing, decimalsOf, unitOf } from '../drawing.ts';
import { cellLink } from '../links.ts';
import { capitalized } from '../target.ts';

export function tableBuilder(drawing: Drawing): TableBuilder {
  const [first] = drawing.columns;
  const builder = new TableBuilder()
    .targets([...drawing.asks.table])
    .transformations([...drawing.asks.joining])
    .filterable(true)
    .cellHeight(common.TableCellHeight.Sm)
    .footer(footer(drawing));
  if (first !== undefined) builder.sortBy([new common.TableSortByFieldStateBuilder().displayName(first.title).desc(true)]);
  for (const label of drawing.by) {
    const link = cellLink(drawing, label);
    if (link !== undefined) builder.overrideByName(capitalized(label), [{ id: 'links', value: [link] }]);
  }
  for (const [index, column] of drawing.columns.entries()) builder.overrideByName(column.title, columnProperties(drawing, column, index === 0));
  return builder;
}

/** Can the figures of all rows be added up? */
const isSummed = ({ by }: Drawing, { isAdditive }: Column): boolean => by.length > 0 && isAdditive === true;

/** Page by page; below, the total of what can be added up. For Grafana before 12.2; later ones have the total from the column. */
function footer(drawing: Drawing): common.TableFooterOptionsBuilder {
  const summed = drawing.columns.filter((column) => isSummed(drawing, column)).map(({ title }) => title);
  return new common.TableFooterOptionsBuilder()
    .show(summed.length > 0)
    .reducer(['sum'])
    .fields(summed)
    .enablePagination(true);
}

function columnProperties(drawing: Drawing, column: Column, isFirst: boolean): dashboard.DynamicConfigValue[] {
  const { thresholds, by } = drawing;
  const { unit, key } = column;
  const decimals = decimalsOf(unit);
  const isChange = key.endsWith(' change');
  return [
    { id: 'unit', value: unitOf(unit) },
    ...(isSummed(drawing, column) ? [{ id: 'custom.footer.reducers', value: ['sum'] }] : []),
    ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
    ...(isFirst && thresholds !== undefined ? [{ id: 'custom.cellOptions', value: { type: 'color-text' } }] : []),
    // Lengths can be compared only from one beginning: not for what may be negative.
    ...(isFirst && thresholds === undefined && by.length > 0 && !isChange && ['usd', 'tokens', 'count'].includes(unit)
      ? [
          { id: 'custom.cellOptions', value: { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' } },
          { id: 'min', value: 0 },
          { id: 'color', value: { mode: 'fixed', fixedColor: 'blue' } },
        ]
      : []),
  ];
}
