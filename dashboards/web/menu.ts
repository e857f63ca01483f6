/** A button and the menu it opens. The browser closes it on Escape or a click elsewhere and gives the focus back. */
import { type Child, element, withProperties } from './dom.ts';

const GAP_PX = 6;
const EDGE_PX = 10;

export interface Menu {
  readonly button: HTMLButtonElement;
  readonly panel: HTMLElement;
}

/** `fill` gives the menu's content each time it opens. */
export function createMenu(id: string, label: string, fill: (close: () => void) => readonly Child[]): Menu {
  const button = element('button', { type: 'button', class: 'picker', popovertarget: id, 'aria-expanded': 'false', 'data-focus': id });
  const panel = element('div', { id, class: 'menu', popover: true, role: 'dialog', 'aria-label': label });
  panel.addEventListener('beforetoggle', (event) => {
    const isOpening = event.newState === 'open';
    button.setAttribute('aria-expanded', String(isOpening));
    if (isOpening) panel.replaceChildren(...fill(() => panel.hidePopover()).filter((child) => child instanceof Node));
  });
  panel.addEventListener('toggle', (event) => {
    if (event.newState !== 'open') return;
    placeBelow(panel, button);
    panel.querySelector<HTMLElement>('[autofocus], [aria-pressed="true"], button, input')?.focus();
  });
  return { button, panel };
}

/** Below the button, inside the window. */
export function placeBelow(panel: HTMLElement, button: HTMLElement): void {
  const anchor = button.getBoundingClientRect();
  const left = Math.max(EDGE_PX, Math.min(anchor.left, document.documentElement.clientWidth - panel.offsetWidth - EDGE_PX));
  const isRoomBelow = anchor.bottom + GAP_PX + panel.offsetHeight <= innerHeight - EDGE_PX;
  const above = Math.max(EDGE_PX, anchor.top - GAP_PX - panel.offsetHeight);
  withProperties(panel, { left: `${left}px`, top: `${isRoomBelow ? anchor.bottom + GAP_PX : above}px` });
}
