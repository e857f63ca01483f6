/** Links that carry the selection along: every variable but the one they narrow, the data source and the time range. */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { isVariable, type VariableName } from '../../collector/catalog/board-variables.ts';
import { PRODUCT } from '../../collector/catalog/names.ts';
import { dimensionWords } from '../../collector/catalog/titles.ts';
import { OTHER } from '../../collector/catalog/values.ts';
import { BOARDS } from '../boards/index.ts';
import type { Drawing } from './drawing.ts';
import { escapeRegExp } from './variables.ts';

export const uidOf = (boardId: string, prefix: string = PRODUCT): string => `${prefix}-${boardId}`;

/** Clicking a bar or a series. None where the label is no variable of the board that it opens, unless that is another one. */
export function rowLinks(drawing: Drawing): dashboard.DashboardLinkBuilder[] {
  const {
    by: [label],
  } = drawing;
  const link = label === undefined ? undefined : linkOf(drawing, drawing.opens, label, `__field.labels.${label}`);
  return link === undefined ? [] : [new dashboard.DashboardLinkBuilder(link.title).url(link.url)];
}

/** Clicking a label in a table: one opens the panel's board, the others narrow this one. */
export const cellLink = (drawing: Drawing, label: string): Link | undefined =>
  linkOf(drawing, label === leading(drawing) ? drawing.opens : drawing.own, label, '__value.raw');

/** What the panel's board can be narrowed by and this one cannot; otherwise the first. */
const leading = ({ by, opens, variables }: Drawing): string | undefined =>
  by.find((label) => isVariable(label) && variablesOf(opens).includes(label) && !variables.includes(label)) ?? by[0];

const variablesOf = (boardId: string): readonly VariableName[] => BOARDS.find(({ id }) => id === boardId)?.variables ?? [];

/**
 * Rows that stand for what is not shown by name lead nowhere: another board has other values in them, or none. Matched by the names of series,
 * which begin with the label that a link narrows by.
 */
export const NAMELESS = `/^(${escapeRegExp(OTHER)})?( · |$)/`;
export const WITHOUT_LINKS: dashboard.DynamicConfigValue[] = [{ id: 'links', value: [] }];

interface Link {
  readonly title: string;
  readonly url: string;
}

function linkOf({ own, variables, prefix }: Drawing, board: string, label: string, value: string): Link | undefined {
  const offered = board === own ? variables : variablesOf(board);
  if (isVariable(label) && offered.includes(label))
    return { title: board === own ? `Only this ${dimensionWords(label)}` : titleOf(board), url: url(uidOf(board, prefix), variables, label, value) };
  return board === own ? undefined : { title: titleOf(board), url: url(uidOf(board, prefix), variables) };
}

const titleOf = (boardId: string): string => `Open the board “${boardId}”`;

/** Grafana leaves out what the other board does not have. */
function url(uid: string, variables: readonly VariableName[], narrowed?: VariableName, value = ''): string {
  const chosen = narrowed === undefined ? [] : [`var-${narrowed}=\${${value}:percentencode}`];
  const carried = ['datasource', ...variables.filter((name) => name !== narrowed)].map((name) => `\${${name}:queryparam}`);
  return `/d/${uid}?${[...chosen, ...carried, `\${__url_time_range}`].join('&')}`;
}
