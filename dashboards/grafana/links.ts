/** Links that carry the selection along: every variable but the one they narrow, the data source and the time range. */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { isVariable, VARIABLES, type VariableName } from '../../collector/catalog/board-variables.ts';
import { PRODUCT } from '../../collector/catalog/names.ts';
import { dimensionWords } from '../../collector/catalog/titles.ts';
import type { Drawing } from './drawing.ts';

export const uidOf = (boardId: string): string => `${PRODUCT}-${boardId}`;

/** Clicking a bar or a series. None where the first label is no variable, unless another board is to be opened. */
export function rowLinks({ by: [label], opens, own }: Drawing): dashboard.DashboardLinkBuilder[] {
  if (label === undefined) return [];
  if (!isVariable(label)) return opens === own ? [] : [builder(titleOf(opens), url(opens))];
  return [builder(opens === own ? `Only this ${dimensionWords(label)}` : titleOf(opens), url(opens, label, `__field.labels.${label}`))];
}

/** Clicking a label in a table: the first one opens the panel's board, the others narrow this one. */
export function cellLink({ opens, own }: Drawing, label: string, isFirst: boolean): { title: string; url: string } | undefined {
  const board = isFirst ? opens : own;
  if (isVariable(label))
    return { title: board === own ? `Only this ${dimensionWords(label)}` : titleOf(board), url: url(board, label, '__value.raw') };
  return board === own ? undefined : { title: titleOf(board), url: url(board) };
}

const builder = (title: string, to: string): dashboard.DashboardLinkBuilder => new dashboard.DashboardLinkBuilder(title).url(to);
const titleOf = (boardId: string): string => `Open the board “${boardId}”`;

function url(boardId: string, narrowed?: VariableName, value = ''): string {
  const chosen = narrowed === undefined ? [] : [`var-${narrowed}=\${${value}:percentencode}`];
  const carried = ['datasource', ...VARIABLES.filter((name) => name !== narrowed)].map((name) => `\${${name}:queryparam}`);
  return `/d/${uidOf(boardId)}?${[...chosen, ...carried, `\${__url_time_range}`].join('&')}`;
}
