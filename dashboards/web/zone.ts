/** The time zone in which days begin: every zone of IANA, to search. Without a choice it is the ledger's. */
import { element, icon } from './dom.ts';
import { createMenu, type Menu } from './menu.ts';
import type { Covered } from './range.ts';
import type { Selection } from './state.ts';

export interface ZoneContext {
  readonly selection: () => Selection;
  readonly asked: () => Covered | undefined;
  readonly onSelect: (selection: Selection) => void;
}

/** What a browser lists leaves out the zone that most servers are in. */
const ZONES: readonly string[] = [...new Set(['UTC', Intl.DateTimeFormat().resolvedOptions().timeZone, ...Intl.supportedValuesOf('timeZone')])];

function withZone(selection: Selection, zone: string | undefined): Selection {
  const { tz: _before, ...timeRange } = selection.timeRange;
  return { ...selection, timeRange: zone === undefined ? timeRange : { ...timeRange, tz: zone } };
}

const spaced = (zone: string): string => zone.replaceAll('_', ' ');

export function createZone(context: ZoneContext): { readonly menu: Menu; readonly update: () => void } {
  const menu = createMenu('menu-zone', 'Time zone', (close) => renderZones(context, close));
  const update = (): void => {
    const chosen = context.selection().timeRange.tz;
    const zone = chosen ?? context.asked()?.time_zone;
    menu.button.replaceChildren(
      icon('M12 3a9 9 0 1 0 .01 0zM3 12h18M12 3c-6 6-6 12 0 18M12 3c6 6 6 12 0 18', 15),
      element('span', { class: 'picker-value' }, zone === undefined ? 'Time zone' : spaced(zone)),
    );
    menu.button.setAttribute('aria-label', `Time zone: ${zone ?? "the ledger's"}`);
    menu.button.classList.toggle('is-set', chosen !== undefined);
  };
  return { menu, update };
}

function renderZones({ selection, onSelect }: ZoneContext, close: () => void): readonly HTMLElement[] {
  const chosen = selection().timeRange.tz;
  const pick = (zone: string | undefined): void => {
    close();
    onSelect(withZone(selection(), zone));
  };
  const list = element('ul', { class: 'choices zones', 'aria-label': 'Time zones' });
  const note = element('p', { class: 'menu-note', role: 'status', hidden: true }, 'No zone contains this text.');
  const search = element('input', { type: 'search', class: 'menu-search', placeholder: 'Search', 'aria-label': 'Search', autofocus: true });
  const choice = (label: string, zone: string | undefined): HTMLElement =>
    element('li', {}, element('button', { type: 'button', 'aria-pressed': String(zone === chosen), click: () => pick(zone) }, label));
  const draw = (): void => {
    const wanted = search.value.trim().toLowerCase().replaceAll('_', ' ');
    const found = ZONES.filter((zone) => spaced(zone).toLowerCase().includes(wanted));
    list.replaceChildren(...(wanted === '' ? [choice("The ledger's time zone", undefined)] : []), ...found.map((zone) => choice(spaced(zone), zone)));
    note.hidden = found.length > 0;
  };
  search.addEventListener('input', draw);
  draw();
  return [search, list, note];
}
