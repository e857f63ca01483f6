/** The stretch of time and the filters: what the reader may turn. */
import type { Asked } from '../../collector/http/boards.ts';
import { element } from './dom.ts';
import { instant } from './format.ts';
import { type Selection, toggleFilter } from './state.ts';

interface Choice {
  readonly label: string;
  readonly span: Readonly<Record<string, string>>;
}

const CHOICES: readonly Choice[] = [
  { label: 'Today', span: { period: 'today' } },
  { label: '7 days', span: { from: 'now-6d/d' } },
  { label: 'Month', span: {} },
  { label: '30 days', span: { from: 'now-29d/d' } },
  { label: '90 days', span: { from: 'now-89d/d' } },
];

const isSame = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

export type OnSelect = (selection: Selection) => void;

export function renderControls(selection: Selection, asked: Asked, onSelect: OnSelect): HTMLElement {
  const { tz, ...span } = selection.span;
  const zone: Record<string, string> = tz === undefined ? {} : { tz };
  const isPreset = CHOICES.some((choice) => isSame(choice.span, span));
  const buttons = CHOICES.map((choice) =>
    element(
      'button',
      {
        type: 'button',
        'aria-pressed': String(isSame(choice.span, span)),
        'data-focus': `span:${choice.label}`,
        click: () => onSelect({ ...selection, span: { ...choice.span, ...zone } }),
      },
      choice.label,
    ),
  );
  return element(
    'div',
    { class: 'controls' },
    element('div', { class: 'segments', role: 'group', 'aria-label': 'Time range' }, ...buttons),
    renderDates(selection, asked, isPreset, onSelect),
  );
}

/** Both days belong to the stretch that people mean; the API's end is excluded, so it is the day after. */
function renderDates(selection: Selection, asked: Asked, isPreset: boolean, onSelect: OnSelect): HTMLElement {
  const day = (iso: string | null, offsetMs = 0): string =>
    iso === null ? '' : new Intl.DateTimeFormat('sv-SE', { timeZone: asked.time_zone }).format(new Date(Date.parse(iso) + offsetMs));
  const last = asked.to !== null && asked.now !== null && asked.to > asked.now ? asked.now : (asked.to ?? asked.now);
  const from = element('input', { type: 'date', 'aria-label': 'First day', value: day(asked.from), 'data-focus': 'span:from', required: true });
  const to = element('input', { type: 'date', 'aria-label': 'Last day', value: day(last, -1), 'data-focus': 'span:to', required: true });
  const onChange = (): void => {
    if (from.value === '' || to.value === '' || from.value > to.value) return;
    onSelect({ ...selection, span: { ...(selection.span.tz !== undefined && { tz: selection.span.tz }), from: from.value, to: dayAfter(to.value) } });
  };
  from.addEventListener('change', onChange);
  to.addEventListener('change', onChange);
  return element(
    'div',
    { class: isPreset ? 'dates' : 'dates is-chosen', title: stretchText(asked) },
    from,
    element('span', { 'aria-hidden': 'true' }, '–'),
    to,
  );
}

function dayAfter(date: string): string {
  const next = new Date(`${date}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}

function stretchText({ from, to, time_zone }: Asked): string {
  const start = from === null ? 'the beginning' : instant(from, time_zone);
  return `From ${start} ${to === null ? 'on' : `to ${instant(to, time_zone)}`}, ${time_zone}`;
}

/** What everything is filtered by; each filter is a button that removes it. */
export function renderFilters(selection: Selection, onSelect: OnSelect): HTMLElement | undefined {
  if (selection.where.length === 0) return undefined;
  const chips = selection.where.map((filter) =>
    element(
      'button',
      {
        type: 'button',
        class: 'chip',
        'aria-label': `Remove the filter ${filter.dimension} ${filter.value}`,
        'data-focus': `chip:${filter.dimension}:${filter.value}`,
        click: () => onSelect(toggleFilter(selection, filter)),
      },
      element('span', { class: 'chip-name' }, filter.dimension.replaceAll('_', ' ')),
      filter.value,
      element('span', { class: 'chip-close', 'aria-hidden': 'true' }, '×'),
    ),
  );
  const clear = element(
    'button',
    { type: 'button', class: 'link-button', 'data-focus': 'chip:clear', click: () => onSelect({ ...selection, where: [] }) },
    'Clear filters',
  );
  return element(
    'div',
    { class: 'filters', role: 'group', 'aria-label': 'Filters' },
    element('span', { class: 'filters-lead' }, 'Only'),
    ...chips,
    clear,
  );
}
