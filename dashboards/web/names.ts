/**
 * Names that are longer than their place: cut in the middle, so that two that differ at their ends do not look the same, and shown in full to
 * whoever points at them or reaches them with the keyboard.
 */
import { byId, element, withProperties } from './dom.ts';

/** Shorter ones fit wherever names stand. */
const WHOLE_CHARACTERS = 18;
const TAIL_CHARACTERS = 8;
/** Of an address the name before the @ is what differs: its end gives way first. */
const ADDRESS = /^[^@\s]+(?=@[^@\s]+$)/;
const PLACES = '.bar-label, .legend-name, .choice-name, .picker-value, .is-label:not(.is-sentence), .is-label a';
const GAP_PX = 6;
const EDGE_PX = 10;

/** Splits the names inside into a beginning, which gives way, and an end, which does not. Their text stays. */
export function splitNames<Root extends HTMLElement>(root: Root): Root {
  for (const place of root.querySelectorAll<HTMLElement>(PLACES)) {
    const text = place.firstChild;
    if (!(text instanceof Text) || text.data.trim().length <= WHOLE_CHARACTERS) continue;
    const owner = ADDRESS.exec(text.data)?.[0];
    const at = owner?.length ?? tailOf(text.data);
    text.replaceWith(
      element(
        'span',
        { class: owner === undefined ? 'name' : 'name is-address' },
        element('span', { class: 'name-head' }, text.data.slice(0, at)),
        element('span', { class: 'name-tail' }, text.data.slice(at)),
      ),
    );
  }
  return root;
}

/** Where the end of a name begins, never within one character. */
export function tailOf(name: string): number {
  const at = name.length - TAIL_CHARACTERS;
  return /^[\uDC00-\uDFFF]/.test(name.slice(at)) ? at - 1 : at;
}

/** Shows the whole name below what is pointed at or has the focus, where it does not fit. */
export function showFullNames(): void {
  const hide = (): void => {
    byId('full-name').hidden = true;
  };
  const show = ({ target }: Event): void => {
    const owner = target instanceof Element ? target.closest<HTMLElement>('a, button, label, th, td, .bar') : null;
    const cut = owner === null ? undefined : [...owner.querySelectorAll<HTMLElement>('.name')].find(isCut);
    hide();
    if (owner === null || cut === undefined) return;
    const bubble = byId('full-name');
    bubble.textContent = cut.textContent;
    bubble.hidden = false;
    const anchor = owner.getBoundingClientRect();
    const left = Math.max(EDGE_PX, Math.min(anchor.left, document.documentElement.clientWidth - bubble.offsetWidth - EDGE_PX));
    withProperties(bubble, { left: `${left}px`, top: `${anchor.bottom + GAP_PX}px` });
  };
  document.addEventListener('focusin', show);
  document.addEventListener('pointerover', show);
  document.addEventListener('focusout', hide);
  document.addEventListener('scroll', hide, { capture: true, passive: true });
  document.addEventListener('keydown', ({ key }) => key === 'Escape' && hide());
}

const isCut = (name: HTMLElement): boolean => [...name.children].some((part) => part.scrollWidth > part.clientWidth);
