/** The time range: presets, or two days of the calendar. */
import type { Asked } from '../../collector/query/boards/answer.ts';
import { type Child, element, icon } from './dom.ts';
import { dayText, instant } from './format.ts';
import { createMenu, type Menu } from './menu.ts';
import { type Selection, withTimeRange } from './state.ts';

interface Preset {
  readonly label: string;
  readonly timeRange: Readonly<Record<string, string>>;
}

/** The time that an answer covers, and where its days begin. */
export type Covered = Omit<Asked, 'where'>;

/** In the words of the API. Without a choice a board is about the running month, like its headline. */
const PRESETS: readonly Preset[] = [
  { label: 'Today', timeRange: { period: 'today' } },
  { label: 'Yesterday', timeRange: { period: 'yesterday' } },
  { label: 'This week', timeRange: { period: 'this_week' } },
  { label: 'Last week', timeRange: { period: 'last_week' } },
  { label: 'This month', timeRange: {} },
  { label: 'Last month', timeRange: { period: 'last_month' } },
  { label: 'Last 24 hours', timeRange: { from: 'now-24h' } },
  { label: 'Last 7 days', timeRange: { from: 'now-6d/d' } },
  { label: 'Last 30 days', timeRange: { from: 'now-29d/d' } },
  { label: 'Last 90 days', timeRange: { from: 'now-89d/d' } },
];

export interface RangeContext {
  readonly selection: () => Selection;
  /** What the last answer covered; undefined before it. */
  readonly asked: () => Covered | undefined;
  readonly onSelect: (selection: Selection) => void;
}

const isSame = (a: Preset['timeRange'], b: Preset['timeRange']): boolean =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

function presetOf(selection: Selection): Preset | undefined {
  const { tz: _zone, ...timeRange } = selection.timeRange;
  return PRESETS.find((preset) => isSame(preset.timeRange, timeRange));
}

export function createRange(context: RangeContext): { readonly menu: Menu; readonly update: () => void } {
  const menu = createMenu('menu-range', 'Time range', (close) => [renderPresets(context, close), renderDates(context, close), renderNote(context)]);
  menu.button.classList.add('is-range');
  const update = (): void => {
    const preset = presetOf(context.selection());
    menu.button.replaceChildren(
      icon('M12 7v5l3 2M12 3a9 9 0 1 0 .01 0z', 15),
      element('span', { class: 'picker-value' }, preset?.label ?? rangeText(context)),
    );
    menu.button.classList.toggle('is-set', preset === undefined);
    menu.button.setAttribute('aria-label', `Time range: ${preset?.label ?? rangeText(context)}`);
  };
  return { menu, update };
}

function renderPresets({ selection, onSelect }: RangeContext, close: () => void): HTMLElement {
  const chosen = presetOf(selection());
  const buttons = PRESETS.map((preset) =>
    element(
      'button',
      {
        type: 'button',
        'aria-pressed': String(preset === chosen),
        click: () => {
          close();
          onSelect(withTimeRange(selection(), preset.timeRange));
        },
      },
      preset.label,
    ),
  );
  return element('div', { class: 'presets', role: 'group', 'aria-label': 'Presets' }, ...buttons);
}

/** Both days belong to the time range that people mean; the API's end is excluded, so it is the day after. */
function renderDates({ selection, asked, onSelect }: RangeContext, close: () => void): HTMLElement {
  const known = asked();
  const last = known?.to !== null && known?.now !== null && known !== undefined && known.to > known.now ? known.now : (known?.to ?? known?.now);
  const from = element('input', { type: 'date', value: calendarDay(known?.from, known), required: true });
  const to = element('input', { type: 'date', value: calendarDay(last, known, -1), required: true });
  const problem = element('p', { class: 'dates-problem', role: 'alert', hidden: true }, 'The last day is before the first.');
  const form = element(
    'form',
    { class: 'dates' },
    element('label', {}, 'First day', from),
    element('label', {}, 'Last day', to),
    problem,
    element('button', { class: 'button' }, 'Show these days'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    problem.hidden = from.value <= to.value;
    if (!problem.hidden) return;
    close();
    onSelect(withTimeRange(selection(), { from: from.value, to: dayAfter(to.value) }));
  });
  return form;
}

function renderNote({ asked }: RangeContext): Child {
  const known = asked();
  return known === undefined ? null : element('p', { class: 'menu-note' }, `${exactRange(known)}. Drag over a chart to zoom in.`);
}

/** The dates that the figures are of, whole days as days: "1 – 29 Nov 2026". Empty before there is an answer. */
export function datesText(asked: Covered | undefined): string {
  if (asked === undefined || asked.from === null) return asked === undefined ? '' : 'since the beginning';
  const { from, now, time_zone: timeZone } = asked;
  const to = asked.to === null || (now !== null && asked.to > now) ? now : asked.to;
  const [start, end] = [new Date(from), new Date(to ?? Date.now())];
  const isWhole = to !== asked.to || calendarTime(to ?? from, timeZone) === '00:00';
  if (calendarTime(from, timeZone) === '00:00' && isWhole) {
    const days = new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'short', year: 'numeric' });
    return days.formatRange(start, new Date(Math.max(start.getTime(), end.getTime() - (to === asked.to ? 1 : 0))));
  }
  return `${instant(from, timeZone)} – ${instant(end.toISOString(), timeZone)}`;
}

function calendarDay(iso: string | null | undefined, asked: Covered | undefined, offsetMs = 0): string {
  if (iso === null || iso === undefined || asked === undefined) return '';
  return new Intl.DateTimeFormat('sv-SE', { timeZone: asked.time_zone }).format(new Date(Date.parse(iso) + offsetMs));
}

function dayAfter(date: string): string {
  const next = new Date(`${date}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}

function exactRange({ from, to, time_zone }: Covered): string {
  const start = from === null ? 'the beginning' : instant(from, time_zone);
  return `From ${start} ${to === null ? 'on' : `to ${instant(to, time_zone)}`}, ${time_zone}`;
}

/** A picked time range in as few words as possible: whole days by their dates, anything else to the minute. */
function rangeText({ selection, asked }: RangeContext): string {
  const known = asked();
  const { period, from, since, to, until } = selection().timeRange;
  if (period !== undefined) return period.replaceAll('_', ' ');
  if (known === undefined || known.from === null) return `${from ?? since ?? 'the beginning'} – ${to ?? until ?? 'now'}`;
  const zone = known.time_zone;
  const isDays = [known.from, known.to].every((iso) => iso === null || calendarTime(iso, zone) === '00:00');
  const show = (iso: string, offsetMs: number): string =>
    isDays ? dayText(new Date(Date.parse(iso) + offsetMs).toISOString(), zone).replace(/^\w+,? /, '') : instant(iso, zone);
  const [start, end] = [show(known.from, 0), known.to === null ? 'now' : show(known.to, isDays ? -1 : 0)];
  return start === end ? start : `${start} – ${end}`;
}

const calendarTime = (iso: string, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, hour: '2-digit', minute: '2-digit' }).format(new Date(iso));
