/** Rows and columns. Each target is a column; Grafana joins them by the labels that they share. */
import * as common from '@grafana/grafana-foundation-sdk/common';
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { asTable, type Drawing, decimalsOf, refIdOf, unitOf } from '../drawing.ts';
import { cellLink } from '../links.ts';
import { capitalized, type Target } from '../target.ts';

export function tableBuilder(drawing: Drawing): TableBuilder {
  const [first] = drawing.targets;
  const builder = new TableBuilder()
    .targets(asTable(drawing))
    .transformations([{ id: 'merge', options: {} }, columns(drawing)])
    .filterable(true)
    .cellHeight(common.TableCellHeight.Sm)
    .footer(footer(drawing));
  if (first !== undefined) builder.sortBy([new common.TableSortByFieldStateBuilder().displayName(first.title).desc(true)]);
  for (const label of drawing.by) {
    const link = cellLink(drawing, label);
    if (link !== undefined) builder.overrideByName(capitalized(label), [{ id: 'links', value: [link] }]);
  }
  for (const [index, target] of drawing.targets.entries()) builder.overrideByName(target.title, columnProperties(drawing, target, index === 0));
  return builder;
}

/** Can the figures of all rows be added up? */
const isSummed = ({ by }: Drawing, { isAdditive }: Target): boolean => by.length > 0 && isAdditive === true;

/** Page by page; below, the total of what can be added up. For Grafana before 12.2; later ones have the total from the column. */
function footer(drawing: Drawing): common.TableFooterOptionsBuilder {
  const summed = drawing.targets.filter((target) => isSummed(drawing, target)).map(({ title }) => title);
  return new common.TableFooterOptionsBuilder()
    .show(summed.length > 0)
    .reducer(['sum'])
    .fields(summed)
    .enablePagination(true);
}

/** Names the columns and puts labels first. With a single target Grafana calls its column "Value". */
function columns({ by, targets }: Drawing): dashboard.DataTransformerConfig {
  const fields = targets.map((_, index) => (targets.length === 1 ? 'Value' : `Value #${refIdOf(index)}`));
  const titles = [
    ...by.map((label) => [label, capitalized(label)] as const),
    ...targets.map(({ title }, index) => [fields[index] ?? '', title] as const),
  ];
  const order = [...by, ...fields].map((field, index) => [field, index] as const);
  return {
    id: 'organize',
    options: { excludeByName: { Time: true }, indexByName: Object.fromEntries(order), renameByName: Object.fromEntries(titles) },
  };
}

function columnProperties(drawing: Drawing, target: Target, isFirst: boolean): dashboard.DynamicConfigValue[] {
  const { thresholds, by } = drawing;
  const { unit, key } = target;
  const decimals = decimalsOf(unit);
  const isChange = key.endsWith(' change');
  return [
    { id: 'unit', value: unitOf(unit) },
    ...(isSummed(drawing, target) ? [{ id: 'custom.footer.reducers', value: ['sum'] }] : []),
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
