/** Bars that also lead somewhere: to the board of what they stand for, or to this board narrowed by it. */

import type { Thresholds } from '../../collector/catalog/panel.ts';
import type { BarRow, BarsData, PanelUnit } from '../../collector/query/boards/panel-data.ts';
import { element, withProperties } from './dom.ts';
import { type ExpanderOptions, renderExpander } from './expander.ts';
import { exactAmount, percent, shortAmount, toNumber } from './format.ts';
import type { Palette } from './palette.ts';
import { restWords } from './row-words.ts';
import { linkOf, type RowContext } from './rows.ts';
import { type Level, levelBadge, levelOf, levelText } from './thresholds.ts';

/** What asks for attention shows it by the bar as well. */
const LEVEL_COLORS: Readonly<Partial<Record<Level, string>>> = { warning: '--hue-2', critical: '--fail' };

export interface BarsOptions extends RowContext, ExpanderOptions {
  readonly opens: string | undefined;
  readonly palette: Palette;
  readonly thresholds: Thresholds | undefined;
  readonly timeZone: string;
  /** How many rows fit the card before the others are hidden. */
  readonly rowsMax: number;
  /** Shows every row, as a table. */
  readonly onAll: () => void;
}

export function renderBars({ rows, unit }: BarsData, options: BarsOptions): HTMLElement {
  const named = rows.filter(({ rest }) => rest === undefined);
  const isExpandable = named.length > options.rowsMax + 1;
  const shown = isExpandable && !options.isExpanded ? named.slice(0, options.rowsMax) : named;
  const scale: Scale = {
    unit,
    // The rest of thousands would leave the bars of all who are named without a length.
    largest:
      unit === 'timestamp'
        ? 0
        : rows.reduce((most, { value, rest }) => (rest === undefined && value !== null ? Math.max(most, toNumber(value)) : most), 0),
    hasShares: rows.some(({ share }) => share !== null),
  };
  return element(
    'div',
    { class: 'bars-frame' },
    element('ul', { class: 'bars' }, ...shown.map((row) => element('li', {}, renderRow(row, scale, options)))),
    isExpandable && renderExpander(named.length - options.rowsMax, options),
    ...rows.flatMap((row) => (row.rest === undefined ? [] : [renderRest(row, row.rest, rows, scale, options)])),
  );
}

interface Scale {
  readonly unit: PanelUnit;
  readonly largest: number;
  readonly hasShares: boolean;
}

function renderRow(row: BarRow, { unit, largest, hasShares }: Scale, options: BarsOptions): HTMLElement {
  const exact = exactAmount(row.value, unit, options.timeZone);
  const level = levelOf(row.value, options.thresholds);
  const levelTitle = level && options.thresholds ? levelText(level, options.thresholds, (limit) => exactAmount(limit, unit)) : '';
  const cells = [
    element('span', { class: 'bar-label' }, row.label, levelBadge(level, levelTitle)),
    hasShares && element('span', { class: 'bar-share' }, percent(row.share)),
    element('span', { class: 'bar-value' }, shortAmount(row.value, unit, options.timeZone)),
  ];
  const link = linkOf({ ...row, ...(options.opens !== undefined && { opens: options.opens }) }, options);
  const title = `${row.label}: ${exact}`;
  const node =
    link === undefined
      ? element('div', { class: 'bar', title }, ...cells)
      : element(
          'a',
          {
            class: 'bar',
            href: link.href,
            title: `${title}. ${link.hint}.`,
            'aria-current': link.isChosen ? 'true' : undefined,
            'data-focus': `${options.focusKey}:${row.label}`,
          },
          ...cells,
        );
  if (row.absent) node.classList.add('is-absent');
  if (!hasShares) node.classList.add('is-plain');
  const width = largest === 0 || row.value === null ? 0 : Math.max((toNumber(row.value) / largest) * 100, 0.4);
  return withProperties(node, {
    '--bar-width': `${width.toFixed(2)}%`,
    '--bar-color': `var(${LEVEL_COLORS[level ?? 'good'] ?? options.palette.colorOf(row)})`,
  });
}

/** Those beyond the largest have no bar, since they are no value beside the others; they lead to the table of all. */
function renderRest(
  row: BarRow,
  rest: number,
  rows: readonly BarRow[],
  { unit, hasShares }: Scale,
  { onAll, focusKey, timeZone }: BarsOptions,
): HTMLElement {
  const words = `${row.label}: ${restWords(rest, rows)}`;
  return element(
    'button',
    {
      type: 'button',
      class: `bar is-rest${hasShares ? '' : ' is-plain'}`,
      title: `${words}, ${exactAmount(row.value, unit, timeZone)}. Shows all as a table.`,
      'data-focus': `${focusKey}:rest`,
      click: onAll,
    },
    element('span', { class: 'bar-label' }, words),
    hasShares && element('span', { class: 'bar-share' }, percent(row.share)),
    element('span', { class: 'bar-value' }, shortAmount(row.value, unit, timeZone)),
  );
}
